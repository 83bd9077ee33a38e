#include "tests/osc/error_cases.h"

#include <iterator>
#include <string>

namespace chronus::test {

namespace {

const std::string kLong(300, 'x');

/// Verbs of slots with what is none.
std::vector<ErrorCase> of_slots() {
    std::vector<ErrorCase> out{
        {"NOT_FOUND", "slot 77: empty", {{"/pattern/load", {77}}}},
        {"NOT_FOUND", "slot 77: empty", {{"/pattern/copy", {77, 78}}}},
        {"NOT_FOUND", "slot 77: empty already", {{"/pattern/delete", {77}}}},
        {"NOT_FOUND", "no backup can be read", {{"/pattern/restore", {77}}}},
        {"NOT_FOUND", "slot 1", {{"/pattern/restore", {1, 12345}}}},
        {"CORRUPT", "slot 13", {{"/pattern/load", {13}}}},
        {"CORRUPT", "slot 13", {{"/pattern/copy", {13, 15}}}},
        {"TOO_NEW", "slot 14", {{"/pattern/load", {14}}}},
        {"TOO_NEW", "slot 14: not overwritten", {{"/pattern/save", {14}}}},
        {"OUT_OF_RANGE", "not in", {{"/pattern/chain", {1, 5000}}}},
        {"BAD_TYPE", "takes pairs", {{"/pattern/chain", {1}}}},
        {"BAD_TYPE", "slot is nil", {{"/pattern/load", {osc::Nil{}}}}},
        {"BAD_TYPE", "arguments are too many", {{"/pattern/copy", {1, 2, 3}}}},
    };
    for (const char *verb : {"/pattern/load", "/pattern/save", "/pattern/info", "/pattern/delete",
                             "/pattern/backups", "/pattern/restore"}) {
        out.push_back({"OUT_OF_RANGE", "slot 0: not in 1..128", {{verb, {0}}}});
        out.push_back({"OUT_OF_RANGE", "slot 129: not in 1..128", {{verb, {129}}}});
        out.push_back({"BAD_TYPE", "slot: \"x\" is not a number", {{verb, {"x"}}}});
        out.push_back({"BAD_TYPE", "is not a whole number", {{verb, {1.5f}}}});
        out.push_back({"BAD_TYPE", "0 of 1 arguments", {{verb}}});
    }
    return out;
}

std::vector<ErrorCase> of_progress() {
    const auto history = [](std::string_view word) {
        return std::vector<osc::Message>{{"/progress/history", {"all", 5, std::string{word}}}};
    };
    return {
        {"OUT_OF_RANGE", "limit 5000: not in 1..1000", {{"/progress/history", {"all", 5000}}}},
        {"OUT_OF_RANGE", "limit 0: not in 1..1000", {{"/progress/history", {"a b", 0}}}},
        {"OUT_OF_RANGE", "not completed, failed or cancelled", history("status=broken")},
        {"OUT_OF_RANGE", "status : not completed", history("status=")},
        {"BAD_TYPE", "sinc=1h: not status=", history("sinc=1h")},
        {"BAD_TYPE", "failed: not status=", history("failed")},
        {"BAD_TYPE", "how long ago", history("since=yesterday")},
        {"BAD_TYPE", "how long ago", history("until=-5m")},
        {"BAD_TYPE", "how long ago", history("since=")},
        {"BAD_TYPE", "filter: nil is not text", {{"/progress/history", {"all", 5, osc::Nil{}}}}},
        {"NOT_FOUND", "none with this id", {{"/progress/show", {"999"}}}},
        {"NOT_FOUND", "none with this id", {{"/progress/show", {"99999999999999999999999"}}}},
        {"NOT_FOUND", "none with this id", {{"/progress/show", {"."}}}},
        {"NOT_FOUND", "none with this id", {{"/progress/export", {""}}}},
        {"NOT_FOUND", "none has this id", {{"/job/cancel", {""}}}},
        {"BAD_TYPE", "0 of 1 arguments", {{"/progress/show"}}},
        {"BAD_TYPE", "0 of 1 arguments", {{"/progress/export"}}},
        {"BAD_TYPE", "0 of 1 arguments", {{"/job/cancel"}}},
    };
}

std::vector<ErrorCase> of_addresses() {
    return {
        {"UNKNOWN_ADDRESS", "near it: /seq/add", {{"/seq/ad", {"a", "voice1", "X"}}}},
        {"UNKNOWN_ADDRESS", "near it: /seq/add", {{"/seq/ad", {"a", "voice99", "Q"}}}},
        {"UNKNOWN_ADDRESS", "near it: /pattern/save", {{"/pattern/sav", {200}}}},
        {"UNKNOWN_ADDRESS", "near it: /engine/record/stop", {{"/engine/record/stp"}}},
        {"UNKNOWN_ADDRESS", "near it: /auth", {{"/auht", {"0123456789abcdef"}}}},
        {"UNKNOWN_ADDRESS", "near it: /renew", {{"/rene"}}},
        {"UNKNOWN_ADDRESS", "/schema lists them all", {{"/qqqqqqqqqqqqqqqqqqqqqqqqqqqqq"}}},
        {"UNKNOWN_ADDRESS", "/mod/voice1/freq", {{"/mod/voice1/frequency", {"high"}}}},
        {"UNKNOWN_ADDRESS", "/gate/", {{"/gate/bell", {"loud"}}}},
        {"UNKNOWN_ADDRESS", "of this bundle was done", {{"/seq/bpm", {90}}, {"/no/such"}}},
        {"OUT_OF_RANGE", "this engine has voices 1..8", {{"/mod/voice9/freq", {"high"}}}},
        {"OUT_OF_RANGE", "voice 9: not in 1..8", {{"/gate/voice9", {1}}}},
        {"NO_MATCH", "matches no parameter and no gate", {{"/mod/x*", {"high"}}}},
        {"BAD_TYPE", "address: column", {{"/mod/[", {1}}}},
        {"BAD_TYPE", "a third '/'", {{"/mod///freq", {1}}}},
        {"BAD_TYPE", "brackets without a character", {{"/mod/[]/freq", {1}}}},
        {"TOO_BIG", "characters;", {{"/mod/*" + kLong, {1}}}},
        {"NO_MATCH", "/schema: nothing below /nothing", {{"/schema", {"/nothing"}}}},
        {"NO_MATCH", "nothing that changes", {{"/subscribe", {"/nothing"}}}},
        {"BAD_TYPE", "/subscribe: address: column", {{"/subscribe", {"/mod/["}}}},
        {"NOT_FOUND", "subscribed to nothing", {{"/renew"}}},
        {"NOT_FOUND", "has not subscribed to", {{"/unsubscribe", {"/seq"}}}},
    };
}

std::vector<ErrorCase> of_values() {
    return {
        {"BAD_TYPE", "\"high\" is not a number", {{"/mod/voice1/freq", {"high"}}}},
        {"OUT_OF_RANGE", "finite", {{"/mod/voice1/freq", {"nan"}}}},
        {"OUT_OF_RANGE", "float", {{"/mod/voice1/freq", {1e300}}}},
        {"BAD_TYPE", "is none of sine", {{"/mod/voice1/osc/type", {"theremin"}}}},
        {"OUT_OF_RANGE", "osc/type: 99 is not in", {{"/mod/voice1/osc/type", {99}}}},
        {"UNKNOWN_ADDRESS", "near it", {{"/mod/lfo1/target", {"voice1/nothing"}}}},
        {"BAD_TYPE", "cannot be moved by an LFO", {{"/mod/lfo1/target", {"voice1/osc/type"}}}},
        {"OUT_OF_RANGE", "names no parameter", {{"/mod/lfo1/target", {1e6f}}}},
        {"BAD_TYPE", "takes 1 to open", {{"/gate/voice1"}}},
        {"BAD_TYPE", "is not on (1) or off (0)", {{"/gate/voice1", {"loud"}}}},
        {"BAD_TYPE", "is not text", {{"/seq/remove", {osc::Blob(4)}}}},
        {"OUT_OF_RANGE", "policy 3: not in 0..2", {{"/client/replies", {3}}}},
        {"OUT_OF_RANGE", "name of 0 bytes: 1..64", {{"/client/name", {""}}}},
        {"NOT_FOUND", "execution 999: there is none", {{"/history/replay", {999}}}},
        {"OUT_OF_RANGE", "boundary x: not off, beat or bar", {{"/seq/quant", {"x"}}}},
        {"OUT_OF_RANGE", "format xml: not stdout", {{"/engine/schema", {"xml"}}}},
        {"NOT_NOW", "nothing to redo", {{"/redo"}}},
        {"NOT_NOW", "nothing is being recorded", {{"/engine/record/stop"}}},
        {"OUT_OF_RANGE", "a name is 1 to 64", {{"/engine/record/start", {"pass wd.wav"}}}},
    };
}

std::vector<ErrorCase> of_times() {
    return {
        {"OUT_OF_RANGE", "not now, step+1", {{"/at", {"soon", "/seq/bpm", 90}}}},
        {"OUT_OF_RANGE", "not now, step+1", {{"/at", {"soon", "/renew"}}}},
        {"OUT_OF_RANGE", "not now, step+1", {{"/wait", {"soon"}}}},
        {"UNSUPPORTED", "/at inside /at", {{"/at", {"bar+1", "/at", "bar+1", "/seq/start"}}}},
        {"UNSUPPORTED", "/wait inside /at", {{"/at", {"bar+1", "/wait", "bar+1"}}}},
        {"NOT_FOUND", "nothing of that name waits", {{"/next/cancel", {"x"}}}},
        {"UNSUPPORTED", "comes alone, in no bundle", {{"/engine/stop"}, {"/seq/start"}}},
        {"TOO_FAR_AHEAD", "s ahead: at most 60 s", {{"/seq/start"}}, furnish, me(), ~0ull},
    };
}

std::vector<ErrorCase> of_tracks() {
    std::string many;
    for (int n = 0; n < 257; ++n) many += "60,";
    return {
        {"BAD_TYPE", "0 of 3 arguments; it takes", {{"/seq/add"}}},
        {"OUT_OF_RANGE", "voice \"horn\"", {{"/seq/add", {"a b", "horn", "X.. ."}}}},
        {"BAD_TYPE", "a name is 1 to", {{"/seq/add", {"", "voice3", "X..."}}}},
        {"NOT_FOUND", "no such key", {{"/seq/add", {"a b", "voice3", "X...", "gate_fraction=1"}}}},
        {"BAD_TYPE", "is not a number", {{"/seq/add", {"a b", "voice3", "X...", "pan=left"}}}},
        {"NOT_FOUND", "there are ruler", {{"/seq/mute", {"nobody", 1}}}},
        {"NOT_FOUND", "no such key", {{"/seq/set", {"ruler", "gate_fraction", "x y"}}}},
        {"OUT_OF_RANGE", "len: \"0\"", {{"/seq/set", {"ruler", "len", 0}}}},
        {"BAD_TYPE", "is not a length", {{"/seq/set", {"ruler", "div", "long"}}}},
        {"OUT_OF_RANGE", "not in 1/8..16", {{"/seq/set", {"ruler", "div", 99}}}},
        {"OUT_OF_RANGE", "no fraction", {{"/seq/set", {"ruler", "div", "1.2345678"}}}},
        {"BAD_TYPE", "note \"H9\"", {{"/seq/update/notes", {"ruler", "C4,H9"}}}},
        {"BAD_TYPE", "note \"C4+H9\"", {{"/seq/update/notes", {"ruler", "C4+H9"}}}},
        {"OUT_OF_RANGE", "note \"99999\"", {{"/seq/update/notes", {"ruler", "99999"}}}},
        {"OUT_OF_RANGE", "notes at once", {{"/seq/update/notes", {"ruler", "C1+C2+C3+C4+C5"}}}},
        {"OUT_OF_RANGE", "of them; at most 256", {{"/seq/update/notes", {"ruler", many}}}},
    };
}

std::vector<ErrorCase> of_presets() {
    return {
        {"NOT_FOUND", "/preset/list has them all", {{"/mod/voice1/preset", {"qqqqqqqqqqqqqqqq"}}}},
        {"NOT_FOUND", "near it: snare", {{"/mod/voice1/preset", {"snair"}}}},
        {"CORRUPT", "preset broken", {{"/mod/voice1/preset", {"broken"}}}},
        {"CONFLICT", "give yours another name", {{"/preset/save", {"kick", "voice1"}}}},
        {"OUT_OF_RANGE", "a name is 1 to 64 letters", {{"/preset/save", {"a/b", "voice1"}}}},
        {"OUT_OF_RANGE", "voice \"horn\"", {{"/preset/save", {"deep", "horn"}}}},
        {"LOCKED", "Chronus's own; it stays", {{"/preset/delete", {"kick"}}}},
        {"NOT_FOUND", "preset deep: there is none", {{"/preset/delete", {"deep"}}}},
    };
}

std::vector<ErrorCase> of_renders() {
    return {
        {"OUT_OF_RANGE", "slot 200: not in 1..128", {{"/render/slot", {200}}}},
        {"NOT_FOUND", "slot 77: empty", {{"/render/slot", {77}}}},
        {"CORRUPT", "slot 13", {{"/render/slot", {13}}}},
        {"BAD_TYPE", "0 of 1 arguments", {{"/render/slot"}}},
        {"BAD_TYPE", "written key=value", {{"/render/slot", {1, 8}}}},
        {"BAD_TYPE", "\"?\" is no option", {{"/render/slot", {1, osc::Blob(4)}}}},
        {"NOT_FOUND", "there are bars, name", {{"/render/slot", {1, "bras=4"}}}},
        {"OUT_OF_RANGE", "in 1..100000", {{"/render/slot", {1, "bars=0"}}}},
        {"OUT_OF_RANGE", "in 8000..192000", {{"/render/slot", {1, "rate=44"}}}},
        {"OUT_OF_RANGE", "seconds in 0..600", {{"/render/slot", {1, "tail=nan"}}}},
        {"OUT_OF_RANGE", "a name is 1 to 64", {{"/render/slot", {1, "name=../x"}}}},
        {"BAD_TYPE", "there are wav16", {{"/render/slot", {1, "outputs=wav25,plot"}}}},
        {"BAD_TYPE", "is there twice", {{"/render/slot", {1, "outputs=plot,plot"}}}},
        {"NOT_FOUND", "none of the last 64 jobs", {{"/render/report", {"x"}}}},
        {"NOT_FOUND", "snapshot \"nothing\"", {{"/render/snapshot", {"nothing"}}}},
        {"NOT_FOUND", "slot 77: empty", {{"/render/snapshot", {"slot:77"}}}},
        {"BAD_TYPE", "0 of 1 arguments", {{"/render/snapshot"}}},
        {"OUT_OF_RANGE", "in 1..100000", {{"/render/snapshot", {"HEAD", "bars=0"}}}},
        {"NOT_FOUND", "execution 99: there is none", {{"/render/execution", {99}}}},
        {"NOT_FOUND", "there are bars, name", {{"/render/pattern", {"bras=4"}}}},
        {"BAD_TYPE", "written key=value", {{"/render/pattern", {8}}}},
        {"BAD_TYPE", "0 of 1 arguments", {{"/render/report"}}},
    };
}

/// Patterns, each with one thing wrong.
std::vector<ErrorCase> of_notation() {
    std::string sets;
    for (int n = 0; n <= static_cast<int>(kMaxLockSets); ++n)
        sets += "x{cutoff=" + std::to_string(400 + n) + "}";
    const struct {
        std::string_view symbol, says;
        std::string pattern;
    } faults[]{
        {"OUT_OF_RANGE", "no steps; 1 to 256", ""},
        {"OUT_OF_RANGE", "more than 256 steps", kLong},
        {"BAD_TYPE", "column 4: \"Z\" is not a step", "X..Z x"},
        {"BAD_TYPE", "it stands right after", "*3"},
        {"BAD_TYPE", "']' closes nothing", "x]"},
        {"BAD_TYPE", "has no note to hold", "._"},
        {"BAD_TYPE", "a repeat that starts with '_'", "x[_.]*2"},
        {"BAD_TYPE", "brackets stand at most", "[[[[[[[[[[x"},
        {"BAD_TYPE", "'[' is never closed", "[x"},
        {"BAD_TYPE", "has no step to repeat", "[]*2"},
        {"BAD_TYPE", "a bracket wants how often", "[x]"},
        {"BAD_TYPE", "a repeat wants a number", "[x]*"},
        {"OUT_OF_RANGE", "a repeat is 1 to 256, not 999", "[x]*999"},
        {"BAD_TYPE", "E wants hits and steps", "E5"},
        {"BAD_TYPE", "E's number of hits wants", "E(x,8)"},
        {"BAD_TYPE", "E's number of steps wants", "E(3,x)"},
        {"BAD_TYPE", "E's rotation wants", "E(3,8,x)"},
        {"BAD_TYPE", "a second '*' after one hit", "x*2*3"},
        {"BAD_TYPE", "'%' wants which pass", "x%2"},
        {"OUT_OF_RANGE", "there are only 2 passes", "x%3:2"},
        {"BAD_TYPE", "'{' wants locks", "x{}"},
        {"BAD_TYPE", "'{' is never closed", "x{cutoff=100"},
        {"BAD_TYPE", "is nothing a step can lock", "x{colour=1}"},
        {"BAD_TYPE", "cutoff wants '='", "x{cutoff}"},
        {"BAD_TYPE", "cutoff is a number of", "x{cutoff=loud}"},
        {"BAD_TYPE", "cutoff is locked twice", "x{cutoff=100,cutoff=200}"},
        {"OUT_OF_RANGE", "a step locks at most",
         "x{cutoff=100,res=1,amp=.1,pan=0,freq=100,osc/type=0,slide_time=0,adsr/attack=0.1,"
         "adsr/decay=0.1}"},
        {"OUT_OF_RANGE", "different sets of locks", sets},
    };
    std::vector<ErrorCase> out;
    for (const auto &[symbol, says, pattern] : faults)
        out.push_back({symbol, std::string{says}, {{"/seq/add", {"a b", "voice3", pattern}}}});
    return out;
}

std::vector<ErrorCase> of_snapshots() {
    return {
        {"NOT_FOUND", "there is none", {{"/snapshot/show", {"nowhere"}}}},
        {"NOT_FOUND", "there is none", {{"/snapshot/restore", {"mian"}}}},
        {"OUT_OF_RANGE", "before HEAD", {{"/snapshot/log", {"HEAD~99"}}}},
        {"OUT_OF_RANGE", "limit", {{"/snapshot/list", {0}}}},
        {"OUT_OF_RANGE", "limit", {{"/snapshot/graph", {99999}}}},
        {"OUT_OF_RANGE", "limit", {{"/snapshot/log", {"HEAD", -1}}}},
        {"OUT_OF_RANGE", "not in 1..128", {{"/snapshot/show", {"slot:200"}}}},
        {"NOT_FOUND", "/snapshot/compare: ", {{"/snapshot/compare", {"HEAD", "slot:9"}}}},
        {"CORRUPT", "/snapshot/show: slot 13", {{"/snapshot/show", {"slot:13"}}}},
        {"NOT_NOW", "the sequencer stands", {{"/snapshot/restore", {"bar:-4"}}}},
        {"UNSUPPORTED",
         "when it is to be has been said",
         {{"/at", {"bar+1", "/snapshot/restore", "HEAD", "bar+2"}}}},
        {"OUT_OF_RANGE", "when \"soon\"", {{"/snapshot/restore", {"HEAD", "soon"}}}},
        {"CONFLICT", "is a branch already", {{"/snapshot/tag", {"main"}}}},
        {"CONFLICT", "is a branch already", {{"/snapshot/branch", {"main", "HEAD"}}}},
        {"BAD_TYPE", "letters, digits", {{"/snapshot/branch", {"a b"}}}},
        {"BAD_TYPE", "not note, bug or insight", {{"/snapshot/annotate", {"nite", "x"}}}},
        {"NOT_FOUND", "has none of that name", {{"/snapshot/annotate", {"note", "x", "voice0"}}}},
        {"NOT_FOUND", "has none of the name", {{"/snapshot/blame", {"rular"}}}},
        {"OUT_OF_RANGE", "ruler has 1..2", {{"/snapshot/blame", {"ruler", 3}}}},
    };
}

} // namespace

std::vector<ErrorCase> cases_of_words() {
    std::vector<ErrorCase> out;
    for (auto part : {of_slots(), of_progress(), of_addresses(), of_values(), of_times(),
                      of_tracks(), of_presets(), of_renders(), of_snapshots(), of_notation()})
        out.insert(out.end(), std::make_move_iterator(part.begin()),
                   std::make_move_iterator(part.end()));
    return out;
}

} // namespace chronus::test
