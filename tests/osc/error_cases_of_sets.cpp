#include "patterns/text/setlist_text.h"
#include "tests/osc/error_cases.h"

#include <filesystem>
#include <string>
#include <vector>

namespace chronus::test {

using osc::Message;

namespace {

/// A set "gig" of the songs intro and bare, the second with nothing to play; one that cannot be
/// read and has no backup; one of a later version; a backup of "x" that cannot be read.
void furnish_sets(DirectorRig &rig) {
    furnish(rig);
    for (const Message &message :
         {Message{"/setlist/new", {"gig"}}, Message{"/setlist/add", {"gig", "intro", 1}},
          Message{"/setlist/add", {"gig", "bare"}}, Message{"/setlist/new", {"none"}}}) {
        rig.say(message);
        rig.wait_for_disk();
    }
    const auto folder = rig.state() / "setlists";
    put(folder / "broken.json", "{\n\"setlist_version\": 1,\n\"songs\": 3}");
    put(folder / "later.json", "{\"setlist_version\": 9}");
    put(folder / "backups" / "x_5.json", "{");
}

void open_gig(DirectorRig &rig) {
    furnish_sets(rig);
    rig.say({"/setlist/open", {"gig"}});
}

void process_gig(DirectorRig &rig) {
    furnish_sets(rig);
    rig.say({"/setlist/part", {"gig", "intro", 0, 1024, 64}});
    rig.wait_for_disk();
    rig.say({"/setlist/process", {"gig"}});
}

void open_none(DirectorRig &rig) {
    furnish_sets(rig);
    rig.say({"/setlist/open", {"none"}});
}

void fill_set(DirectorRig &rig) {
    furnish(rig);
    patterns::Setlist set{.name = "full"};
    for (std::size_t n = 0; n < patterns::kMostSongs; ++n)
        set.songs.push_back({.name = "s" + std::to_string(n)});
    set.songs[0].parts.resize(patterns::kMostParts);
    put(rig.state() / "setlists" / "full.json", patterns::encode_setlist(set));
}

void leave(DirectorRig &) {}

std::vector<ErrorCase> of_sets() {
    const auto before = furnish_sets;
    return {
        {"NOT_FOUND", "set gig: there is none yet", {{"/setlist/show", {"gig"}}}, leave},
        {"NOT_FOUND", "there are broken, gig", {{"/setlist/show", {"gag"}}}, before},
        {"NOT_FOUND", "set ../x: there is none", {{"/setlist/delete", {"../x"}}}, before},
        {"CORRUPT", "line 3: songs is a number", {{"/setlist/open", {"broken"}}}, before},
        {"CORRUPT", "set broken", {{"/setlist/add", {"broken", "a", 1}}}, before},
        {"NOT_FOUND", "there are broken, gig", {{"/setlist/process", {"gag"}}}, before},
        {"NOT_FOUND", "there are broken, gig", {{"/setlist/preflight", {"gag"}}}, before},
        {"NOT_NOW", "it has no song yet", {{"/setlist/process", {"none"}}}, before},
        {"BAD_TYPE", "there are wav16", {{"/setlist/process", {"gig", "wav25", "midi"}}}, before},
        {"OUT_OF_RANGE", "in 8000..192000", {{"/setlist/process", {"gig", "rate=1"}}}, before},
        {"UNSUPPORTED", "of their own", {{"/setlist/process", {"gig", "bars=4"}}}, before},
        {"UNSUPPORTED", "names of their own", {{"/setlist/process", {"gig", "name=x"}}}, before},
        {"NOT_FOUND", "there are broken, gig", {{"/render/setlist", {"gag"}}}, before},
        {"NOT_NOW", "it has no song yet", {{"/render/setlist", {"none"}}}, before},
        {"UNSUPPORTED", "bars of their own", {{"/render/setlist", {"gig", "bars=4"}}}, before},
        {"NOT_FOUND", "pattern", {{"/render/setlist", {"gig"}}}, before},
        {"BUSY", "files of the name gig/", {{"/setlist/process", {"gig"}}}, process_gig},
        {"TOO_NEW", "set later", {{"/setlist/show", {"later"}}}, before},
        {"TOO_NEW", "set later", {{"/setlist/delete", {"later"}}}, before},
        {"OUT_OF_RANGE", "a name is 1 to 64", {{"/setlist/new", {"a b"}}}, before},
        {"CONFLICT", "one of that name already", {{"/setlist/new", {"gig"}}}, before},
        {"NOT_FOUND", "no such backup of it", {{"/setlist/restore", {"gig", 7}}}, before},
        {"NOT_FOUND", "no backup of it can be read", {{"/setlist/restore", {"x"}}}, before},
        {"OUT_OF_RANGE", "not the whole path", {{"/setlist/export", {"gig", "a"}}}, before},
        {"OUT_OF_RANGE", "not the whole path", {{"/setlist/import", {"a.json"}}}, before},
        {"NOT_FOUND", "a.json: ", {{"/setlist/import", {"/nowhere/a.json"}}}, before},
        {"CONFLICT",
         "is no set, and stays",
         {{"/setlist/export", {"gig", "/proc/version"}}},
         before},
        {"NOT_FOUND", "slot 77: empty", {{"/setlist/template", {"gig", 77}}}, before},
        {"BAD_TYPE", "0 of 1 arguments", {{"/setlist/new"}}, before},
    };
}

std::vector<ErrorCase> of_songs() {
    const auto before = furnish_sets;
    return {
        {"NOT_FOUND", "has no song yet", {{"/setlist/remove", {"none", "a"}}}, before},
        {"NOT_FOUND", "it has intro, bare", {{"/setlist/remove", {"gig", "a"}}}, before},
        {"OUT_OF_RANGE", "no number, next", {{"/setlist/add", {"gig", "next", 1}}}, before},
        {"CONFLICT", "has one already", {{"/setlist/add", {"gig", "intro", 1}}}, before},
        {"CONFLICT", "has one already", {{"/setlist/rename", {"gig", "bare", "intro"}}}, before},
        {"OUT_OF_RANGE", "slot 129", {{"/setlist/add", {"gig", "a", 129}}}, before},
        {"NOT_FOUND", "slot 77: empty", {{"/setlist/add", {"gig", "a", 77}}}, before},
        {"CORRUPT", "slot 13", {{"/setlist/add", {"gig", "a", 13}}}, before},
        {"OUT_OF_RANGE", "place 3: not in 1..2", {{"/setlist/move", {"gig", "bare", 3}}}, before},
        {"OUT_OF_RANGE", "bars 0", {{"/setlist/part", {"gig", "bare", 1, 0}}}, before},
        {"OUT_OF_RANGE", "repeat 65", {{"/setlist/part", {"gig", "bare", 1, 4, 65}}}, before},
        {"NOT_FOUND", "slot 77: empty", {{"/setlist/part", {"gig", "bare", 77, 4}}}, before},
        {"OUT_OF_RANGE",
         "part 1: there is none",
         {{"/setlist/part/remove", {"gig", "bare", 1}}},
         before},
        {"NOT_FOUND",
         "the nearest is",
         {{"/setlist/override", {"gig", "bare", "seq/bmp", 1}}},
         before},
        {"OUT_OF_RANGE",
         "is not in",
         {{"/setlist/override", {"gig", "bare", "seq/bpm", 999}}},
         before},
        {"BAD_TYPE",
         "is no number",
         {{"/setlist/override", {"gig", "bare", "seq/bpm", "x"}}},
         before},
        {"BAD_TYPE",
         "is not a number",
         {{"/setlist/override", {"gig", "bare", "seq/bpm", osc::Blob(4)}}},
         before},
        {"NOT_FOUND",
         "does not override",
         {{"/setlist/override", {"gig", "bare", "seq/bpm"}}},
         before},
        {"OUT_OF_RANGE", "not next, stop", {{"/setlist/after", {"gig", "bare", "encore"}}}, before},
        {"TOO_BIG", "256 songs", {{"/setlist/add", {"full", "a", 1}}}, fill_set},
        {"TOO_BIG", "64 parts", {{"/setlist/part", {"full", "s0", 1, 1}}}, fill_set},
    };
}

std::vector<ErrorCase> of_performing() {
    return {
        {"NOT_NOW", "no set is open", {{"/setlist/switch", {"next"}}}, leave},
        {"NOT_NOW", "no set is open", {{"/setlist/switch", {"next"}}}, furnish_sets},
        {"OUT_OF_RANGE",
         "prev: set gig has no song there",
         {{"/setlist/switch", {"prev"}}},
         open_gig},
        {"OUT_OF_RANGE", "next: set none", {{"/setlist/switch", {"next"}}}, open_none},
        {"OUT_OF_RANGE", "song 1: set none has no song yet", {{"/setlist/switch", {1}}}, open_none},
        {"OUT_OF_RANGE", "song 3: not in 1..2", {{"/setlist/switch", {3}}}, open_gig},
        {"NOT_FOUND", "it has intro, bare", {{"/setlist/switch", {"outro"}}}, open_gig},
        {"NOT_FOUND", "there is nothing to play", {{"/setlist/switch", {"bare"}}}, open_gig},
        {"BAD_TYPE", "song", {{"/setlist/switch", {osc::Blob(4)}}}, open_gig},
        {"OUT_OF_RANGE", "not now, step+1", {{"/setlist/switch", {1, "soon"}}}, open_gig},
        {"UNSUPPORTED",
         "one too many",
         {{"/at", {"bar:9", "/setlist/switch", 1, "now"}}},
         open_gig},
        {"BAD_TYPE", "is not on", {{"/setlist/auto", {"maybe"}}}, open_gig},
    };
}

} // namespace

std::vector<ErrorCase> cases_of_sets() {
    std::vector<ErrorCase> out = of_sets();
    for (const auto &part : {of_songs(), of_performing()})
        out.insert(out.end(), part.begin(), part.end());
    return out;
}

} // namespace chronus::test
