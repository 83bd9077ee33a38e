#pragma once

#include <string>
#include <string_view>

namespace chronus::svg {

/// Words on the paper; `look` is more attributes. Words are written as they are: see `escaped`.
std::string text(double x, double y, std::string_view look, std::string_view words);

/// With < and > as a text has them.
std::string escaped(std::string_view words);

/// A file: what was drawn, on white.
std::string sheet(double width, double height, std::string_view title, std::string_view drawn);

} // namespace chronus::svg
