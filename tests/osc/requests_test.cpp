#include "osc/requests.h"

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace chronus;
using namespace chronus::osc;

namespace {

Message message(std::string address, std::vector<Value> args = {}) {
    return {std::move(address), std::move(args)};
}

Request request_of(const Message &m) {
    const auto request = unwrapped(m);
    REQUIRE(request);
    return *request;
}

Error fault_of(const Message &m) {
    const auto request = unwrapped(m);
    REQUIRE_FALSE(request);
    return request.error();
}

} // namespace

TEST_CASE("requests: what is not wrapped is itself", "[osc]") {
    for (const Message &m :
         {message("/seq/start"), message("/mod/voice1/freq", {440.0f}), message("/nonsense", {1}),
          message("/required", {"x"}), message("/at/x"), message("/voice*/x")}) {
        const Request request = request_of(m);
        CHECK(request.message == m);
        CHECK(request.id.empty());
        CHECK(request.at.empty());
    }
}

TEST_CASE("requests: /req and /at come off in either order, each alone or both", "[osc]") {
    const Message inner = message("/seq/add", {"kick", 1, "x.x.", 2.5f});
    const auto wrapped = [&](std::vector<Value> words) {
        Message m = message(std::get<std::string>(words[0]), {words.begin() + 1, words.end()});
        m.args.emplace_back(inner.address);
        m.args.insert(m.args.end(), inner.args.begin(), inner.args.end());
        return request_of(m);
    };
    const Request only_id = wrapped({"/req", "7"}), only_at = wrapped({"/at", "bar+1"}),
                  id_at = wrapped({"/req", "7", "/at", "bar+1"}),
                  at_id = wrapped({"/at", "bar+1", "/req", "7"});
    for (const Request &r : {only_id, only_at, id_at, at_id}) CHECK(r.message == inner);
    for (const Request &r : {only_id, id_at, at_id}) CHECK(r.id == "7");
    for (const Request &r : {only_at, id_at, at_id}) CHECK(r.at == "bar+1");
    CHECK(only_id.at.empty());
    CHECK(only_at.id.empty());
}

TEST_CASE("requests: numbers may stand for ids", "[osc]") {
    CHECK(request_of(message("/req", {17, "/seq/start"})).id == "17");
    CHECK(request_of(message("/req", {1.5f, "/seq/start"})).id == "1.5");
}

TEST_CASE("requests: /wait is its own moment, under an id too", "[osc]") {
    const Request wait = request_of(message("/wait", {"beat+2"}));
    CHECK(wait.at == "beat+2");
    CHECK(wait.message.address == "/wait");
    const Request under_id = request_of(message("/req", {"w", "/wait", "bar:9"}));
    CHECK(under_id.at == "bar:9");
    CHECK(under_id.id == "w");
    const Error error = fault_of(message("/at", {"bar+1", "/wait", "bar+2"}));
    CHECK(error.code == Errc::unsupported);
    CHECK(error.hint == "/wait bar+1");
    CHECK(fault_of(message("/wait")).code == Errc::bad_type);
}

TEST_CASE("requests: a wrapper in its own kind is refused, with what was meant", "[osc]") {
    const Error req = fault_of(message("/req", {"1", "/req", "2", "/seq/bpm", 120}));
    CHECK(req.code == Errc::unsupported);
    CHECK(req.hint == "/seq/bpm 120");
    const Error at = fault_of(message("/at", {"bar+1", "/req", "1", "/at", "bar+2", "/seq/start"}));
    CHECK(at.code == Errc::unsupported);
    CHECK(at.hint == "/seq/start");
}

TEST_CASE("requests: a wrapper without a command is refused, with an example", "[osc]") {
    for (const Message &m :
         {message("/req"), message("/req", {"1"}), message("/at"), message("/at", {"bar+1"}),
          message("/req", {"1", "/at"}), message("/at", {"bar+1", "/req", "1"}),
          message("/req", {Nil{}, "/seq/start"}), message("/at", {Blob{}, "/seq/start"})}) {
        const Error error = fault_of(m);
        CHECK(error.code == Errc::bad_type);
        CHECK_FALSE(error.hint.empty());
    }
}

TEST_CASE("requests: parameters and gates play, and ask when they say nothing", "[osc]") {
    CHECK(acts_of(message("/mod/voice1/freq", {440.0f})) == Acts::plays);
    CHECK(acts_of(message("/mod/voice1/freq")) == Acts::asks);
    CHECK(acts_of(message("/mod/voice1/freq", {Nil{}})) == Acts::asks);
    CHECK(acts_of(message("/gate/voice1", {1})) == Acts::plays);
    CHECK(acts_of(message("/mod/voice*/freq", {1})) == Acts::plays);
}

TEST_CASE("requests: asking needs the least of roles, what cannot be taken back the greatest",
          "[osc]") {
    for (const Verb *verb : all_verbs()) {
        const auto role = role_for(message(std::string{verb->address}));
        INFO(verb->address);
        if (verb->address == "/auth") {
            CHECK_FALSE(role);
            continue;
        }
        REQUIRE(role);
        const bool grave = verb->acts == Acts::outside || verb->acts == Acts::removes ||
                           verb->acts == Acts::reaches;
        CHECK(*role == (verb->acts == Acts::asks ? Role::observe
                        : grave                  ? Role::admin
                                                 : Role::perform));
    }
    CHECK(role_for(message("/mod/voice1/freq")) == Role::observe);
    CHECK(role_for(message("/mod/voice1/freq", {1})) == Role::perform);
    CHECK(role_for(message("/pattern/delete", {1})) == Role::admin);
}
