#include "osc/param_routes.h"

#include "tests/support/random_scene.h"

#include <catch2/catch.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace chronus;
using namespace chronus::osc;

namespace {

std::string address_of(ParamId id) { return "/mod/" + std::string{path_of(id).view()}; }

bool is_amount(ParamId id) { return spec_of(id).kind == Kind::amount; }

/// By the table, letter by letter.
std::optional<ParamId> sought(std::string_view address, std::uint16_t voices) {
    for (std::uint16_t i = 0; i < kParamCount; ++i) {
        const ParamPlace place = place_of({i});
        const bool here = (place.module != 0 || place.instance < voices) && is_amount({i});
        if (here && address_of({i}) == address) return ParamId{i};
    }
    return std::nullopt;
}

/// As it stands in a packet.
std::string padded(std::string address) {
    address.resize(address.size() / 4 * 4 + 4);
    return address;
}

std::optional<ParamId> found_in(const ParamRoutes &routes, const std::string &address) {
    const std::string text = padded(address);
    return routes.find(std::as_bytes(std::span{text}));
}

/// One letter away: changed, dropped, doubled, or two of them exchanged.
std::string near_miss(std::string address, test::Chance &chance) {
    const std::size_t at = chance.below(address.size());
    switch (chance.below(4)) {
    case 0:
        address[at] = static_cast<char>(chance.below(256));
        return address;
    case 1:
        return address.erase(at, 1);
    case 2:
        return address.insert(at, 1, address[at]);
    default:
        std::swap(address[at], address[chance.below(address.size())]);
        return address;
    }
}

} // namespace

TEST_CASE("param routes: every address of an amount the engine has is found as that one", "[osc]") {
    const auto voices = GENERATE(as<std::uint16_t>{}, 1, 8, 64);
    const ParamRoutes routes{voices};
    std::size_t found = 0;
    for (std::uint16_t i = 0; i < kParamCount; ++i) {
        const ParamPlace place = place_of({i});
        const auto id = found_in(routes, address_of({i}));
        REQUIRE(id.has_value() ==
                ((place.module != 0 || place.instance < voices) && is_amount({i})));
        if (id) CHECK(id->index == i);
        found += id ? 1 : 0;
    }
    CHECK(found > 0);
}

TEST_CASE("param routes: what is nearly one is none", "[osc]") {
    const auto voices = GENERATE(as<std::uint16_t>{}, 1, 8);
    const ParamRoutes routes{voices};
    test::Chance chance{voices};
    for (int n = 0; n < 3000; ++n) {
        const ParamId id{static_cast<std::uint16_t>(chance.below(kParamCount))};
        const std::string near = near_miss(address_of(id), chance);
        const auto found = found_in(routes, near), expected = sought(near, voices);
        INFO(near);
        REQUIRE(found.has_value() == expected.has_value());
        if (found) CHECK(found->index == expected->index);
    }
}

TEST_CASE("param routes: beginnings, continuations, aliases, patterns and other verbs are none",
          "[osc]") {
    const ParamRoutes routes{8};
    const std::string whole = address_of(param("voice1/filter/freq"));
    for (std::size_t n = 0; n < whole.size(); ++n)
        CHECK_FALSE(found_in(routes, whole.substr(0, n)));
    for (const std::string &tail : {std::string{"/"}, std::string{"/x"}, std::string{" "},
                                    std::string(1, '\0'), std::string(5000, 'a')})
        CHECK_FALSE(found_in(routes, whole + tail));
    for (const char *other : {"/mod/sine1/freq", "/mod/filter1/freq", "/mod/voice*/freq",
                              "/seq/bpm", "/gate/voice1", "mod/voice1/freq", "/MOD/voice1/freq"})
        CHECK_FALSE(found_in(routes, other));
    CHECK(found_in(routes, "/mod/seq/bpm"));
}
