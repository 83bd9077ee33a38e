// expect: std::__throw_length_error(char const*)
#include <string>

void planted(std::string &text) noexcept { text.push_back('x'); }
