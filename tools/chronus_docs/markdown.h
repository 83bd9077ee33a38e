#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace chronus::docs {

/// Text that markdown takes literally within a table.
std::string cell(std::string_view text);
/// The same as code; empty stays empty.
std::string code(std::string_view text);
/// A row of a table from cells made by the two above.
std::string row(std::initializer_list<std::string_view> cells);
/// The two lines a table begins with.
std::string table_head(std::initializer_list<std::string_view> titles);

} // namespace chronus::docs
