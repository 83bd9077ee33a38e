#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace chronus::patterns {

/// All of `text` as a finite number in decimal; blanks around it and a leading plus are allowed.
std::optional<double> parse_number(std::string_view text);

/// The shortest text that reads back to the same float: "0.2", "440".
std::string number_text(float value);

/// The double that number_text() spells, so that a float widened into a file shows no digits it
/// does not have. Narrowing it gives the float back. What is not finite becomes 0.
double widened(float value);

/// `text` without the blanks around it.
std::string_view trimmed(std::string_view text);

} // namespace chronus::patterns
