#pragma once

#include "patterns/history/blame.h"
#include "patterns/history/compare.h"
#include "patterns/history/names.h"
#include "patterns/history/snapshots.h"
#include "patterns/text/json_writer.h"

#include <span>
#include <string>
#include <vector>

/// Snapshots as clients are told of them, in JSON.
namespace chronus::osc {

/// Who, when, why, and what it is called: one line of a list.
void write_head(patterns::JsonWriter &json, const patterns::KeptSnapshot &kept,
                std::span<const patterns::Name> names);

std::string list_json(std::span<const patterns::KeptSnapshot> all,
                      std::span<const patterns::Name> names);

/// All of one: its head, what is said of it, and what it is made of.
struct Shown {
    patterns::KeptSnapshot kept;
    patterns::Structure structure;
    std::vector<patterns::Annotation> annotations;
    std::vector<patterns::Name> names;
};
std::string show_json(const Shown &shown);

/// Branches, tags and the newest snapshots: what a graph is drawn from.
std::string graph_json(std::span<const patterns::KeptSnapshot> all,
                       std::span<const patterns::Name> names);

/// Both heads, then what leads from the one to the other; `text` is that for people.
struct Compared {
    patterns::Snapshot a, b;
    patterns::Comparison changes;
};
std::string compare_json(const Compared &compared);

std::string blame_json(std::span<const patterns::BlamedStep> steps);

/// "1a2b3c4d 1.2.0"
std::string called(const patterns::Snapshot &snapshot);

} // namespace chronus::osc
