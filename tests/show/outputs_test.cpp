#include "patterns/show/outputs.h"

#include <catch2/catch.hpp>

#include <string>

using namespace chronus;
using namespace chronus::patterns;

TEST_CASE("outputs: a list is read in its order, blanks and all", "[show]") {
    const auto outputs = parse_outputs("plot, wav16,stems");
    REQUIRE(outputs);
    CHECK(*outputs == std::vector{Output::plot, Output::wav16, Output::stems});
    for (const OutputSpec &spec : kOutputs) CHECK(parse_outputs(spec.word));
}

TEST_CASE("outputs: a wrong list is refused, and the hint is one that is taken", "[show]") {
    const auto list = GENERATE(as<std::string>{}, "", ",", "wav25", "wav24,wav24", "flak,midi",
                               "mp3", "plot,,plot");
    const auto refused = parse_outputs(list);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::bad_type);
    CHECK(parse_outputs(refused.error().hint));
}
