#include "patterns/show/svg.h"

#include <fmt/format.h>

namespace chronus::svg {

std::string text(double x, double y, std::string_view look, std::string_view words) {
    return fmt::format("<text x=\"{:.4g}\" y=\"{:.4g}\" {}>{}</text>\n", x, y, look, words);
}

std::string escaped(std::string_view words) {
    std::string out;
    for (const char c : words) {
        if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else
            out += c;
    }
    return out;
}

std::string sheet(double width, double height, std::string_view title, std::string_view drawn) {
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:g}\" height=\"{1:g}\" "
        "viewBox=\"0 0 {0:g} {1:g}\" font-family=\"monospace\" font-size=\"14\">\n"
        "<title>{2}</title>\n"
        "<rect width=\"{0:g}\" height=\"{1:g}\" rx=\"6\" fill=\"#fff\"/>\n{3}</svg>\n",
        width, height, title, drawn);
}

} // namespace chronus::svg
