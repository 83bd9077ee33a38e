#pragma once

#include <span>
#include <string_view>

namespace chronus::ctl {

/// A command of the daemon as its table has it (osc/verbs.h), without what carries it out; or a
/// topic (osc/topics.h), which is told and cannot be sent.
struct VerbRow {
    std::string_view address, args, doc, example;
    bool told = false;
};

/// All of them, commands first. Written by chronus_docs while building: the table itself would
/// bring the whole engine and its libraries into a program that has to start quickly.
std::span<const VerbRow> verb_rows();

/// Null when there is none at the address.
const VerbRow *find_verb_row(std::string_view address);

} // namespace chronus::ctl
