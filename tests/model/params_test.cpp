#include "engine/model/param_values.h"
#include "engine/model/params.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <set>
#include <string>

using namespace chronus;

namespace {

template <class F>
void for_each_param(F f) {
    for (std::uint16_t i = 0; i < kParamCount; ++i) f(ParamId{i});
}

} // namespace

TEST_CASE("params: every one has a path of its own, and the path leads back to it") {
    std::set<std::string> paths;
    for_each_param([&](ParamId id) {
        const std::string path{path_of(id).view()};
        INFO(path);
        CHECK(paths.insert(path).second);
        CHECK(find_param(path) == id);
        CHECK(id_of(place_of(id)) == id);
    });
    CHECK(paths.size() == kParamCount);
}

TEST_CASE("params: a path is short enough to be held whole") {
    for_each_param([](ParamId id) {
        const ParamPlace at = place_of(id);
        CHECK(path_of(id).view().ends_with(kModules[at.module].params[at.row].path));
    });
}

TEST_CASE("params: no two of a module share a key, and none is the start of another") {
    for (const ModuleSpec &module : kModules)
        for (const ParamSpec &a : module.params)
            for (const ParamSpec &b : module.params) {
                if (&a == &b) continue;
                INFO(module.name << ": " << a.key << ", " << b.key);
                CHECK(a.key != b.key);
                CHECK_FALSE(b.key.starts_with(std::string{a.key} + "."));
            }
}

TEST_CASE("params: names that are nearly right are none") {
    for (const char *path :
         {"", "/", "voice1", "voice1/", "voice0/freq", "voice65/freq", "voice01/freq", "voice/freq",
          "voice1/freq/", "voice1//freq", "voice1/Freq", "Voice1/freq", "voice-1/freq",
          "voice1 /freq", "master1/level", "acid/cutoff", "acid2/cutoff", "voice999999999999/freq",
          "seq/bpm "}) {
        INFO(path);
        CHECK_FALSE(find_param(path).has_value());
    }
    CHECK(find_param("voice64/freq").has_value());
}

TEST_CASE("params: what one starts as is a value it may have") {
    for_each_param([](ParamId id) {
        INFO(path_of(id).view());
        CHECK(clamped(id, initial_of(id)) == initial_of(id));
        CHECK(ParamValues{}.get(id) == initial_of(id));
    });
}

TEST_CASE("params: none takes a number that is denormal or -0, wherever it comes from") {
    constexpr float kNormal = std::numeric_limits<float>::min();
    for_each_param([](ParamId id) {
        const ParamSpec &spec = spec_of(id);
        for (const float tiny :
             {std::numeric_limits<float>::denorm_min(), 1e-39f, 0.99f * kNormal, 0.0f})
            for (const float value : {tiny, -tiny}) {
                CAPTURE(path_of(id).view(), value);
                const float got = ParamValues{}.set(id, value);
                CHECK((got == 0 ? !std::signbit(got) : std::isnormal(got)));
                CHECK(got >= spec.min);
                CHECK(got <= spec.max);
                if (spec.min <= 0) CHECK(got == 0);
            }
        for (const float value : {kNormal, -kNormal})
            if (spec.kind == Kind::amount && value > spec.min && value < spec.max)
                CHECK(clamped(id, value) == value);
    });
}

TEST_CASE("params: no LFO moves anything until it is asked to") {
    const ParamValues values;
    for (const char *lfo : {"lfo1", "lfo2", "lfo3", "lfo4"})
        CHECK(values.get(*find_param(std::string{lfo} + "/depth")) == 0);
}

TEST_CASE("params: the choices of a row are as many as its range, each with a name of its own") {
    for_each_param([](ParamId id) {
        const ParamSpec &spec = spec_of(id);
        if (spec.kind != Kind::choice) return;
        INFO(path_of(id).view());
        std::set<std::string_view> names;
        for (std::size_t n = 0; n <= static_cast<std::size_t>(spec.max); ++n) {
            const std::string_view name = choice_name(spec.choices, n);
            CHECK_FALSE(name.empty());
            CHECK(names.insert(name).second);
            CHECK(find_choice(spec.choices, name) == static_cast<float>(n));
        }
        CHECK(choice_name(spec.choices, static_cast<std::size_t>(spec.max) + 1).empty());
        CHECK(spec.min == 0);
    });
    CHECK_FALSE(find_choice(kWaves, "sin").has_value());
    CHECK_FALSE(find_choice(kWaves, "").has_value());
}

TEST_CASE("param values: what is set is clipped to the range; whole kinds are cut to whole") {
    ParamValues values;
    for_each_param([&](ParamId id) {
        const ParamSpec &spec = spec_of(id);
        INFO(path_of(id).view());
        CHECK(values.set(id, 1e30f) == spec.max);
        CHECK(values.get(id) == spec.max);
        CHECK(values.set(id, -1e30f) == spec.min);
        if (spec.kind != Kind::amount && spec.max >= 2) CHECK(values.set(id, 1.75f) == 1);
    });
}

TEST_CASE("param values: setting one changes no other") {
    for_each_param([](ParamId id) {
        ParamValues values;
        values.set(id, spec_of(id).max);
        for_each_param([&](ParamId other) {
            if (other != id && values.get(other) != initial_of(other)) FAIL(path_of(other).view());
        });
    });
}
