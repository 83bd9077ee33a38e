#pragma once

#include "osc/peer.h"
#include "osc/value.h"
#include "tests/support/director_rig.h"

#include <string>
#include <string_view>
#include <vector>

namespace chronus::test {

/// A track "ruler", a slot 1 that was saved twice, a slot 13 that cannot be read, and a slot 14 of
/// a later version.
void furnish(DirectorRig &rig);

/// What is refused, how, and what the sentence must say of it.
struct ErrorCase {
    std::string_view symbol;
    std::string says;
    std::vector<osc::Message> said; ///< several: one bundle
    void (*before)(DirectorRig &) = furnish;
    osc::Peer from = me();
    std::uint64_t timetag = 1;
};

/// Commands that are wrong whatever goes on, and those that are wrong by then.
std::vector<ErrorCase> cases_of_words();
std::vector<ErrorCase> cases_of_state();
std::vector<ErrorCase> cases_of_sets();
std::vector<ErrorCase> cases_of_history();
/// Of those who have no role yet, for whom nothing works.
std::vector<ErrorCase> cases_of_strangers();

/// What was asked of the disk and the recorder is done and told; answers what was told.
std::vector<osc::Message> settle(DirectorRig &rig);

} // namespace chronus::test
