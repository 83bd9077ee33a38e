#include "tests/perf/scenes.h"

#include "patterns/text/number.h"
#include "patterns/text/track_keys.h"

#include <cstdlib>
#include <iostream>
#include <string_view>
#include <utility>
#include <vector>

namespace chronus::perf {

namespace {

using Words = std::vector<std::string>;

[[noreturn]] void fail(const std::string &what) {
    std::cerr << "perf: " << what << "\n";
    std::exit(64);
}

template <class T>
T value_or_fail(Result<T> result) {
    if (!result) fail(result.error().what);
    return std::move(*result);
}

Words split(const std::string &line) {
    Words words;
    for (std::size_t begin = 0; begin < line.size();) {
        const std::size_t end = std::min(line.find('\t', begin), line.size());
        words.push_back(line.substr(begin, end - begin));
        begin = end + 1;
    }
    return words;
}

void set(Scene &scene, const std::string &path, const std::string &value) {
    const auto id = find_param(path);
    if (!id) fail(path + ": no such parameter");
    if (const auto target = find_param(value)) {
        scene.params.set(*id, target->index);
        return;
    }
    const auto choice = find_choice(spec_of(*id).choices, value);
    const auto number = patterns::parse_number(value);
    if (!choice && !number) fail(path + ": " + value + " is no value of it");
    scene.params.set(*id, choice ? *choice : static_cast<float>(*number));
}

void add(Scene &scene, const Words &words) {
    if (words.size() < 5 || scene.track_count == kMaxTracks) fail("seq add: not a track");
    Track track = value_or_fail(
        patterns::make_track(words[2], value_or_fail(patterns::parse_voice(words[3])), words[4]));
    for (const std::string &word : std::span{words}.subspan(5)) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos) fail(word + ": not key=value");
        (void)value_or_fail(
            patterns::set_key(track, word.substr(0, equals), word.substr(equals + 1)));
    }
    track.uid = scene.track_count + 1u;
    scene.tracks[scene.track_count++] = track;
}

} // namespace

Scene scene_of(std::istream &commands) {
    Scene scene;
    for (std::string line; std::getline(commands, line);) {
        const Words words = split(line);
        if (words.size() == 4 && words[0] == "set")
            set(scene, words[1] + "/" + words[2], words[3]);
        else if (words.size() == 3 && words[0] == "seq" && words[1] != "add")
            set(scene, "seq/" + words[1], words[2]);
        else if (words.size() > 2 && words[0] == "seq")
            add(scene, words);
        else
            fail("\"" + line + "\": cannot be read");
    }
    return scene;
}

Scene saws(std::uint16_t voices) {
    Scene scene;
    for (std::uint16_t v = 0; v < voices; ++v) {
        const std::string voice = "voice" + std::to_string(v + 1) + "/";
        const auto set_number = [&](const char *name, float value) {
            scene.params.set(*find_param(voice + name), value);
        };
        set_number("osc/type", 1);
        set_number("amp", 0.1f);
        set_number("filter/freq", 800.0f + 40.0f * v);
        set_number("filter/q", 4);
        set_number("send/reverb", 0.3f);
        set_number("send/delay", 0.2f);
        Track track = value_or_fail(patterns::make_track("t" + std::to_string(v), v + 1,
                                                         v == 1 ? "Xx~x.X.x~" : "x.x.x.x."));
        track.uid = v + 1u;
        track.base_freq = 55.0f * (1.0f + 0.13f * v);
        scene.tracks[scene.track_count++] = track;
    }
    scene.params.set(param("dist1/mix"), 0.3f);
    scene.params.set(param("dist1/drive"), 0.3f);
    return scene;
}

} // namespace chronus::perf
