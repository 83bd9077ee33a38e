#include "osc/param_words.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>

namespace chronus::osc {

std::string shown(ParamId id, float value) {
    const ParamSpec &spec = spec_of(id);
    if (spec.kind == Kind::choice)
        return std::string{choice_name(spec.choices, static_cast<std::size_t>(value))};
    if (spec.kind == Kind::target)
        return value < 0 ? "none"
                         : std::string{path_of({static_cast<std::uint16_t>(value)}).view()};
    return fmt::format("{}", value);
}

Value told_value(ParamId id, float value) {
    if (spec_of(id).kind == Kind::target) return shown(id, value);
    return value;
}

} // namespace chronus::osc
