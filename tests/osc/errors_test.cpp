#include "osc/errors.h"

#include "osc/typed.h"
#include "tests/osc/error_cases.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

using namespace std::string_view_literals;

namespace chronus::osc {

using test::arg;
using test::DirectorRig;
using test::ErrorCase;

namespace {

using Messages = std::vector<Message>;

const test::DirectorRigConfig kWithTokens{.tokens = "admin aaaaaaaaaaaaaaaaaaaa\n"};

bool is_error(const Message &message) { return message.address == "/error"; }

/// What is told of the case, at once or later.
Messages told_of(DirectorRig &rig, const ErrorCase &each) {
    Messages told = each.said.size() == 1 && each.timetag == 1
                        ? rig.say(each.said[0], each.from)
                        : rig.say_together(each.said, each.timetag, each.from);
    if (std::ranges::none_of(told, is_error))
        std::ranges::move(test::settle(rig), std::back_inserter(told));
    return told;
}

/// The error that the case is about; an empty message when it was not told.
Message error_of(const Messages &told, const ErrorCase &each) {
    const auto found = std::ranges::find_if(told, [&](const Message &m) {
        return is_error(m) && arg(m, 3) == each.symbol &&
               arg(m, 2).find(each.says) != std::string::npos;
    });
    return found == told.end() ? Message{} : *found;
}

std::string shown(const Messages &messages) {
    std::string out;
    for (const Message &message : messages) out += typed(message.address, message.args) + "\n";
    return out;
}

void check_hint(DirectorRig &rig, const Message &error) {
    const std::string hint = arg(error, 5);
    REQUIRE_FALSE(hint.empty());
    auto then = rig.say(message_typed(hint));
    std::ranges::move(test::settle(rig), std::back_inserter(then));
    INFO("the hint led to\n" << shown(then));
    CHECK_FALSE(then.empty());
    CHECK(std::ranges::none_of(then, is_error));
}

void check_hints(const std::vector<ErrorCase> &cases) {
    for (const ErrorCase &each : cases) {
        DirectorRig rig(kWithTokens);
        each.before(rig);
        const auto told = told_of(rig, each);
        INFO(each.says << ":\n" << shown(each.said) << "led to\n" << shown(told));
        const Message error = error_of(told, each);
        CHECK(error.args.size() == 6);
        if (error.args.empty()) continue;
        CHECK(arg(error, 1) == std::to_string(error_row(errc_named(each.symbol)).number));
        check_hint(rig, error);
    }
}

} // namespace

TEST_CASE("errors: the hint of what is wrong at any time succeeds, typed as it is", "[osc]") {
    check_hints(test::cases_of_words());
}

TEST_CASE("errors: the hint of what is wrong by then succeeds, typed as it is", "[osc]") {
    check_hints(test::cases_of_state());
}

TEST_CASE("errors: the hint of what is wrong with sets succeeds, typed as it is", "[osc]") {
    check_hints(test::cases_of_sets());
}

TEST_CASE("errors: the hint of what is wrong with what was performed succeeds, typed as it is",
          "[osc]") {
    check_hints(test::cases_of_history());
}

TEST_CASE("errors: bytes that are no command are refused with a hint that succeeds", "[osc]") {
    const auto packet = GENERATE("/seq/bpm\0\0\0\0,f\0\0\x7f\x80\0\0"sv,             // infinite
                                 "/mod/voice1/freq\0\0\0\0,f\0\0\x7f\xc0\0\0"sv,     // not a number
                                 "/seq/remove\0,s\0\0kick"sv,                        // no end
                                 "/no/such\0\0\0\0,q\0\0"sv, "/x y\0\0\0\0,q\0\0"sv, // types
                                 "#bundle\0\0\0\0\0\0\0\0\1\0\0\0\6/a\0\0,\0\0\0"sv, // a size
                                 "\xff\xff\xff\xff"sv, ""sv);
    DirectorRig rig;
    test::furnish(rig);
    const auto told = rig.take(std::as_bytes(std::span(packet)));
    REQUIRE(told.size() == 1);
    REQUIRE(is_error(told[0]));
    check_hint(rig, told[0]);
}

TEST_CASE("errors: for who has no role nothing works, so they get no hint", "[osc]") {
    for (const ErrorCase &each : test::cases_of_strangers()) {
        DirectorRig rig(kWithTokens);
        each.before(rig);
        const auto told = told_of(rig, each);
        INFO(shown(each.said) << "led to\n" << shown(told));
        const Message error = error_of(told, each);
        REQUIRE(error.args.size() == 6);
        CHECK(arg(error, 5).empty());
    }
}

TEST_CASE("errors: who may only look is hinted at what can be looked at", "[osc]") {
    DirectorRig rig({.tokens = "observe aaaaaaaaaaaaaaaaaaaa\n"});
    const Peer guest = test::stranger();
    REQUIRE(test::outcome_of(rig.say({"/auth", {"aaaaaaaaaaaaaaaaaaaa"}}, guest), "/auth") ==
            "/reply");
    for (const Message &wish : {Message{"/seq/bpm", {90}}, Message{"/engine/record/strt"},
                                Message{"/pattern/load", {0}}}) {
        const auto told = rig.say(wish, guest);
        REQUIRE(told.size() == 1);
        REQUIRE(is_error(told[0]));
        const auto then = rig.say(message_typed(arg(told[0], 5)), guest);
        CHECK_FALSE(then.empty());
        CHECK(std::ranges::none_of(then, is_error));
    }
}

TEST_CASE("errors: looking at a hint changes nothing", "[osc]") {
    for (const ErrorCase &each : test::cases_of_words()) {
        DirectorRig rig;
        test::furnish(rig);
        const auto revision = rig.session.revision();
        const auto scene = std::make_unique<const Scene>(rig.session.scene());
        const auto undo = rig.context.desk.undo.past();
        INFO(shown(each.said) << "led to\n" << shown(told_of(rig, each)));
        CHECK(rig.session.revision() == revision);
        CHECK(rig.session.scene() == *scene);
        CHECK(rig.context.desk.undo.past() == undo);
        CHECK(rig.context.schedule.size() == 0);
        CHECK(rig.context.saver.waiting() == 0);
        CHECK_FALSE(rig.context.recorder.status().active);
        CHECK(test::outcome_of(rig.say({"/renew"}), "/renew") == "NOT_FOUND");
    }
}

} // namespace chronus::osc
