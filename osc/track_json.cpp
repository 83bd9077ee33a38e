#include "osc/track_json.h"

#include "patterns/text/json_writer.h"
#include "patterns/text/track_keys.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace chronus::osc {

namespace {

/// What few tracks use is told only where it is set: an answer has to fit a datagram.
bool is_told(const Track &track, std::string_view key) {
    static constexpr std::array<std::string_view, 3> rare{"div", "prob", "seed"};
    if (std::ranges::find(rare, key) == rare.end()) return true;
    static const Track untouched;
    return patterns::get_key(track, key) != patterns::get_key(untouched, key);
}

} // namespace

std::string track_json(const Track &track) {
    patterns::JsonWriter json;
    json.begin_object();
    json.key("name").value(track.name.view());
    for (const patterns::TrackKey &key : patterns::track_keys()) {
        if (!is_told(track, key.name)) continue;
        const auto number = patterns::key_number(track, key);
        if (key.is_text())
            json.key(key.name).value(patterns::get_key(track, key.name));
        else if (key.is_switch())
            json.key(key.name).value(number.value_or(0) != 0);
        else if (number)
            json.key(key.name).value(*number);
    }
    json.end_object();
    return std::move(json).text();
}

} // namespace chronus::osc
