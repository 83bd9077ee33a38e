#include "tools/chronusctl/commands.h"

#include "tools/chronusctl/performing.h"

#include <array>

namespace chronus::ctl {

namespace {

constexpr std::array kAnything{
    Command{"status", "/status", "", "Transport, levels, device and health.", "--json status"},
    Command{"levels", "/levels", "",
            "How loud the master and each track are: LUFS, RMS, peak and true peak.", "levels"},
    Command{"set", "/mod", "p:MODULE p:PARAM v:VALUE", "Move a control; tells what was applied.",
            "set voice1 filter/freq 800"},
    Command{"get", "/mod", "p:MODULE p:PARAM", "What a control stands at.", "get reverb1 mix"},
    Command{"gate", "/gate", "p:MODULE b:ON", "Open (on, 1) or close (off, 0) a voice's gate.",
            "gate voice1 on"},
    Command{"panic", "/panic", "", "Stop, and silence everything at once.", "panic"},
    Command{"send", "", "a:ADDRESS v:ARGS?... --types=TAGS",
            "Send any message and print the answer. Arguments are int, float, true, false or "
            "text as they look, or what TAGS say: one of i h f d s for each, T F N I for what "
            "needs none.",
            "send /seq/add bass voice2 x..x --types sss"},
    Command{"schema", "/schema", "s:BELOW? --format=stdout|json|file",
            "Every address with type, range and value as JSON, or those below one. \"file\" has "
            "the daemon write it into its state folder.",
            "schema /mod/voice1", run_schema},
    Command{"describe", "/schema", "s:ADDRESS",
            "What an address means: type, unit, range, default, value, arguments, or what is below "
            "it. Where no daemon answers, all but the value.",
            "describe /mod/voice1/filter/freq", run_describe},
    Command{"list", "/engine/list", "", "Every address, one a line.", "list"},
    Command{"doctor", "", "",
            "Check this machine and the daemon: sound, permissions, missed blocks, lost messages, "
            "disk. Each fault comes with what to do; exit code 1 when one is bad.",
            "doctor", run_doctor},
    Command{"version", "/version", "", "Version and abilities of the daemon.", "version"},
};

constexpr std::array kSequencer{
    Command{"seq add", "/seq/add", "s:TRACK s:VOICE s:PATTERN s:KEY=VALUE?...",
            "Add a track, or replace the one of that name. X accent, x normal, o ghost, . rest, "
            "_ tie.",
            "seq add bass voice2 X..x..x. notes=A1,C2,E2 gate_frac=0.3"},
    Command{"seq remove", "/seq/remove", "s:TRACK", "Remove a track.", "seq remove bass"},
    Command{"seq clear", "/seq/clear", "", "Remove every track and let every voice go.",
            "seq clear"},
    Command{"seq start", "/seq/start", "", "Start at step 0; nothing when it runs.", "seq start"},
    Command{"seq stop", "/seq/stop", "", "Stop and release every voice.", "seq stop"},
    Command{"seq bpm", "/seq/bpm", "v:BPM?", "Set the tempo, or ask for it.", "seq bpm 128"},
    Command{"seq swing", "/seq/swing", "v:AMOUNT?",
            "Set how late odd steps come, in half steps (0..0.6), or ask for it.", "seq swing 0.2"},
    Command{"seq status", "/seq/status", "", "Whether it runs, tempo, swing, position.",
            "seq status"},
    Command{"seq list", "/seq/list", "", "Every track with its pattern and settings.",
            "--json seq list"},
    Command{"seq update-pattern", "/seq/update/pattern", "s:TRACK s:PATTERN",
            "Give a track another pattern.", "seq update-pattern kick X..xX..x"},
    Command{"seq update-notes", "/seq/update/notes", "s:TRACK s:NOTES",
            "Give a track other notes; they start anew.", "seq update-notes bass A1,C2,E2"},
    Command{"seq set", "/seq/set", "s:TRACK s:KEY s:VALUE",
            "Change one thing of a track while it plays.", "seq set kick gate_frac 0.25"},
    Command{"seq mute", "/seq/mute", "s:TRACK b:ON?", "Mute a track, or let it play (off).",
            "seq mute kick"},
    Command{"seq solo", "/seq/solo", "s:TRACK b:ON?", "Play only tracks that are solo.",
            "seq solo bass"},
    Command{"seq fill", "/seq/fill", "b:ON?", "Play the hits marked ! too, or no longer (off).",
            "seq fill on"},
    Command{"seq quant", "/seq/quant", "s:BOUNDARY?",
            "When edits of tracks land: off (at once), beat or bar; or ask for it.",
            "seq quant bar"},
    Command{"fmt", "", "s:PATTERN",
            "Print a pattern as it is kept, repeats and rhythms written out; asks no daemon.",
            "fmt '[X.x.]*2 E(3,8)'", run_format},
};

constexpr std::array kPatterns{
    Command{"pattern save", "/pattern/save", "v:SLOT s:NAME? s:TAGS?...",
            "Keep the pattern in play in a slot (1..128); what was there becomes a backup.",
            "pattern save 1 warmup slow dub"},
    Command{"pattern load", "/pattern/load", "v:SLOT --now",
            "Play a slot from the next bar on, or at once.", "pattern load 1 --now"},
    Command{"pattern list", "/pattern/list", "", "Every slot that holds a pattern.",
            "pattern list"},
    Command{"pattern info", "/pattern/info", "v:SLOT", "What a slot holds.", "pattern info 1"},
    Command{"pattern copy", "/pattern/copy", "v:FROM v:TO", "Copy a slot to another.",
            "pattern copy 1 2"},
    Command{"pattern delete", "/pattern/delete", "v:SLOT", "Empty a slot; a backup is kept.",
            "pattern delete 2"},
    Command{"pattern backups", "/pattern/backups", "v:SLOT",
            "Earlier contents of a slot, newest first.", "pattern backups 1"},
    Command{"pattern restore", "/pattern/restore", "v:SLOT v:GENERATION?",
            "Put an earlier content back into its slot: the newest, or the one named.",
            "pattern restore 1"},
    Command{"pattern reload", "/pattern/reload", "",
            "Drop all edits since the last load or save, at the next bar.", "pattern reload"},
    Command{"pattern chain", "/pattern/chain", "v:SLOT v:BARS v:MORE?...",
            "Play slots in turn, each for its bars, round and round from the next bar on.",
            "pattern chain 1 4 2 4"},
    Command{"pattern unchain", "/pattern/chain/stop", "", "End the chain; what plays goes on.",
            "pattern unchain"},
    Command{"undo", "/undo", "", "Take the last change of the pattern back.", "undo"},
    Command{"redo", "/redo", "", "Make the last change that was taken back again.", "redo"},
};

constexpr std::array kPresets{
    Command{"preset list", "/preset/list", "",
            "Every sound that \"set VOICE preset NAME\" can give a voice.", "preset list"},
    Command{"preset save", "/preset/save", "s:PRESET s:VOICE",
            "Keep the sound of a voice under a name.", "preset save deep voice1"},
    Command{"preset delete", "/preset/delete", "s:PRESET", "Delete a sound that was kept.",
            "preset delete deep"},
};

constexpr std::array kSetlists{
    Command{"setlist new", "/setlist/new", "s:SET", "Make a set without songs.",
            "setlist new friday"},
    Command{"setlist list", "/setlist/list", "", "Every set there is.", "setlist list"},
    Command{"setlist show", "/setlist/show", "s:SET", "The songs of a set.", "setlist show friday"},
    Command{"setlist template", "/setlist/template", "s:SET v:SLOT",
            "What songs play that have nothing of their own: a copy of a slot.",
            "setlist template friday 1"},
    Command{"setlist add", "/setlist/add", "s:SET s:SONG v:SLOT?",
            "Add a song behind the others: a copy of a slot, or, without one, the template.",
            "setlist add friday intro 1"},
    Command{"setlist part", "/setlist/part", "s:SET s:SONG v:SLOT v:BARS v:REPEAT?",
            "Add a part behind the others of a song: a copy of a slot, or, with 0, what the song "
            "plays.",
            "setlist part friday intro 1 8"},
    Command{"setlist unpart", "/setlist/part/remove", "s:SET s:SONG v:PART",
            "Remove a part of a song.", "setlist unpart friday intro 1"},
    Command{"setlist override", "/setlist/override", "s:SET s:SONG s:PATH v:VALUE?",
            "Set a control in all that a song plays; without a value, no longer.",
            "setlist override friday intro seq/bpm 124"},
    Command{"setlist after", "/setlist/after", "s:SET s:SONG s:WHAT",
            "What follows a song: next, stop, stay or auto.", "setlist after friday intro stop"},
    Command{"setlist notes", "/setlist/notes", "s:SET s:SONG s:TEXT",
            "Notes for whoever plays the song.", "setlist notes friday intro 'count to four'"},
    Command{"setlist move", "/setlist/move", "s:SET s:SONG v:PLACE",
            "Put a song at another place, counted from 1.", "setlist move friday intro 1"},
    Command{"setlist rename", "/setlist/rename", "s:SET s:SONG s:NAME",
            "Call a song something else.", "setlist rename friday intro opening"},
    Command{"setlist remove", "/setlist/remove", "s:SET s:SONG", "Remove a song.",
            "setlist remove friday intro"},
    Command{"setlist delete", "/setlist/delete", "s:SET", "Delete a set; a backup is kept.",
            "setlist delete friday"},
    Command{"setlist backups", "/setlist/backups", "s:SET",
            "When copies of a set were kept, newest first.", "setlist backups friday"},
    Command{"setlist restore", "/setlist/restore", "s:SET v:BACKUP?",
            "Put an earlier content of a set back: the newest, or the one named.",
            "setlist restore friday"},
    Command{"setlist export", "/setlist/export", "s:SET s:FILE",
            "Write a set as one file, which holds all that it plays.",
            "setlist export friday friday.json", run_setlist_file},
    Command{"setlist import", "/setlist/import", "s:FILE s:SET?",
            "Take a set in from such a file, under its name or another.",
            "setlist import friday.json", run_setlist_file},
    Command{"setlist open", "/setlist/open", "s:SET",
            "Take a set to the stage; what plays goes on.", "setlist open friday"},
    Command{"setlist switch", "/setlist/switch", "v:SONG s:WHEN?",
            "Play a song of the open set: its name, its place, next or prev; from the next bar on, "
            "or now, beat+2, bar:17.",
            "setlist switch next"},
    Command{"setlist auto", "/setlist/auto", "b:ON?",
            "Whether the next song follows at the end of one that does not say.",
            "setlist auto on"},
    Command{"setlist position", "/setlist/position", "", "Where in its set the music is.",
            "setlist position"},
};

constexpr std::array kVersions{
    Command{"log", "/snapshot/log", "s:FROM? --graph --limit=N",
            "A snapshot [HEAD] and those before it, the newest first; with --graph all branches, "
            "drawn. As many as --limit says [50].",
            "log --graph", run_log},
    Command{"diff", "/snapshot/compare", "s:FROM s:TO?",
            "What differs between two snapshots, or one and what plays now, side by side.",
            "diff HEAD~1 HEAD", run_diff},
    Command{"snapshot take", "/snapshot/take", "s:MESSAGE?", "Keep what plays now.",
            "snapshot take 'the good one'"},
    Command{"snapshot list", "/snapshot/list", "v:LIMIT?", "The newest snapshots of all branches.",
            "snapshot list 10"},
    Command{"snapshot show", "/snapshot/show", "s:SNAPSHOT?",
            "All that a snapshot [HEAD] holds. One is called by its hash or the first 4 digits of "
            "it, a tag, a branch, HEAD~3, slot:12, bar:17 or bar:-4.",
            "--json snapshot show HEAD"},
    Command{"snapshot restore", "/snapshot/restore", "s:SNAPSHOT s:WHEN?",
            "Play a snapshot from the next bar on, or when said: now, step+1, beat+2, bar:17.",
            "snapshot restore HEAD~1"},
    Command{"snapshot branch", "/snapshot/branch", "s:NAME s:AT?",
            "Go on working in a branch: one that is there, or a new one.", "snapshot branch idea"},
    Command{"snapshot tag", "/snapshot/tag", "s:NAME s:AT?", "Give a snapshot [HEAD] a name.",
            "snapshot tag good"},
    Command{"snapshot annotate", "/snapshot/annotate", "s:KIND s:TEXT s:NODE? s:AT?",
            "Say something of a snapshot [HEAD] or a node in it: a note, a bug or an insight.",
            "snapshot annotate bug 'too loud' 'track kick'"},
    Command{"snapshot blame", "/snapshot/blame", "s:TRACK v:STEP? s:AT?",
            "Which snapshot first had a step as it is, or each step of a track.",
            "snapshot blame kick"},
    Command{"snapshot gc", "/snapshot/gc", "",
            "Drop old snapshots that nobody named or asked for; the daemon does so by itself.",
            "snapshot gc"},
};

constexpr std::array kHistory{
    Command{"history list", "/history/list", "s:FILTERS?...",
            "What was performed, the last first [limit=50]; * marks what is kept for ever. Filters "
            "are limit=20, kind=render, status=complete, type=output_audio, slot=3, set=friday, "
            "song=intro, author=, name=, since=2h, until=30m (s, m, h or d ago), before=ID.",
            "history list since=2h", run_history},
    Command{"history show", "/history/show", "v:ID s:VIEW? v:LIMIT? v:OFFSET?",
            "One performance, item by item [100]. VIEW is performer (what came out), advanced (and "
            "what was applied) [advanced] or researcher (all, stage by stage).",
            "history show 1 researcher", run_history},
    Command{"history find", "/history/find", "s:FILTERS?...",
            "Items of all performances, the last first. Filters are execution=, type=applied, "
            "text=kick, slot=, set=, song=, author=, since=2h, until=30m, limit=20, before=PLACE.",
            "history find text=kick", run_history},
    Command{"history stats", "/history/stats", "s:FILTERS?...",
            "How many outputs and items there are, and of what. Filters are execution=, slot=, "
            "set=, song=, author=, since=2h, until=30m.",
            "history stats slot=1", run_history},
    Command{"history pin", "/history/pin", "v:ID b:ON?",
            "Keep a performance for ever, or (off) as long as others.", "history pin 1"},
    Command{"history export", "/history/export", "s:WHAT... --out=FILE",
            "Pack a performance, or those that filters choose, into a ZIP file: items, patterns, "
            "outputs, and a manifest with hashes. It is made in the daemon's folder exports, "
            "called as the last word says, and with --out copied to where you want it.",
            "history export 1 --out friday.zip", run_history_export},
};

constexpr std::array kRecording{
    Command{"record start", "/engine/record/start", "s:FILE?",
            "Record what is heard, as WAV or FLAC by the file's ending.", "record start take.flac"},
    Command{"record stop", "/engine/record/stop", "",
            "End the recording; returns when the file is whole.", "record stop"},
    Command{"record status", "/engine/record/status", "",
            "Whether it records, where to and how much.", "record status"},
};

constexpr std::array kRenders{
    Command{
        "setlist process", "/setlist/process", "s:SET --outputs=LIST --rate=HZ --tail=S",
        "Play every song of a set offline, a song a core, into the daemon's folder renders, and "
        "keep with each what came of it. Songs that are there already are left alone. Exit code "
        "1 when a song fails.",
        "setlist process friday --outputs wav24,stems", run_set_job},
    Command{
        "setlist preflight", "/setlist/preflight", "s:SET",
        "Play a set through offline, and say what is wrong with it: missing patterns and slots, "
        "clipping, silence, jumps of level and tempo, too much work for a core.",
        "setlist preflight friday", run_set_job},
    Command{"replay", "/history/replay",
            "s:ID --outputs=LIST --from=BAR --name=NAME --tail=S --live",
            "Play a performance again, from what was done in it alone, and compare every second "
            "with what was heard; or make a render again, and compare its files. With --outputs "
            "(wav16, wav24, wav32f, flac, ogg, stems, plot) files come of it, though it was never "
            "recorded; from a bar on with --from. With --live it is heard, as long as it took, "
            "beside what is played now. Exit code 1 when a second or a file differs or an output "
            "is not worth keeping.",
            "replay 1", run_replay},
    Command{"bisect", "/history/bisect", "v:ID s:PREDICATE",
            "Find the change after which something measured first held in a performance: silence, "
            "silence=2 (for 2 s), clipping, 'level>-14', 'level<-40' (LUFS), 'peak>-3' or "
            "'peak<-60' (dBFS): which, whose and when, and what was measured without it and with "
            "it. Exit code 1 when there is none.",
            "bisect 1 silence", run_bisect},
    Command{"render", "",
            "s:SOURCE --bars=N --outputs=LIST --name=NAME --out=DIR --rate=HZ --tail=S --shard=I/N",
            "Play a slot offline, faster than it sounds, and keep what comes of it: wav16, wav24, "
            "wav32f, flac, ogg, stems, midi and plot, split by commas [wav24]. SOURCE is the file "
            "of a slot or a set, which needs no daemon; of a set all songs are made, or a share: "
            "--shard 2/3. Or a daemon plays it beside the music: pattern (what is in play), "
            "slot:12, snapshot:HEAD~3, execution:7 (what was performed then), or set:friday (all "
            "of it in one piece). Equal slots "
            "make equal sound, byte for byte. It rings on until it is silent, or for as long as "
            "--tail says [20]. Exit code 1 when an output is not worth keeping.",
            "render take.json --bars 4 --outputs wav24,plot", run_render},
};

constexpr std::array kProgress{
    Command{
        "progress", "/progress/active", "--follow --verbose",
        "What takes long, as trees of bars: renders, setlists, checks. With --follow as it goes "
        "on; q ends that. Where the output is no terminal a line for each change, with --json "
        "an object a line.",
        "progress --follow", run_progress},
    Command{"progress active", "/progress/active", "--verbose",
            "What waits or goes on, with all its parts.", "progress active --verbose",
            run_progress},
    Command{"progress list", "/progress/list", "",
            "What waits or goes on, and what was over last, a line each.", "progress list",
            run_progress},
    Command{"progress show", "/progress/show", "s:ID",
            "All there is to know of an operation, or of one part of it (12.3): status, times, "
            "what was measured and what was made.",
            "progress show 1", run_progress},
    Command{"progress history", "/progress/history", "s:TYPE? v:LIMIT? s:FILTERS?...",
            "What is over, the last ones first: of a type or \"all\", at most so many [100]. "
            "Filters are status=failed, since=2h, until=30m (s, m, h or d ago).",
            "progress history all 20 status=failed", run_progress},
    Command{"progress export", "/progress/export", "s:ID",
            "Write one that is over, or \"all\", as JSON into the daemon's state folder.",
            "progress export all"},
    Command{"progress cancel", "/job/cancel", "s:ID", "End an operation before it is done.",
            "progress cancel 1"},
};

constexpr std::array kPlaying{
    Command{"at", "/at", "s:WHEN s:ADDRESS v:ARGS?...",
            "Send a message that acts at a line of the music: step+1, beat+2, bar+1, bar:17.",
            "at bar+1 /seq/mute kick 1"},
    Command{"next", "/next", "", "What waits for its time, each with an id.", "next"},
    Command{"cancel", "/next/cancel", "s:ID", "Let something that waits not happen.",
            "cancel '#1'"},
    Command{"watch", "", "--once",
            "Tracks, playing steps and levels, live; q ends it. With --once, or when the output "
            "is no terminal, one frame as plain text.",
            "watch", run_watch},
    Command{
        "repl", "", "",
        "Read lines and carry them out: messages such as /seq/bpm 128, and these commands; load "
        "1 is pattern load 1. Tab completes, arrows bring earlier lines back, ! alone takes the "
        "hint of the last refusal, exit ends it. Reads a pipe, too; the exit code is then that "
        "of the first line that failed.",
        "repl", run_repl},
    Command{"wait-bar", "/status", "v:N",
            "Return when bar N, counted from 1, plays; refused when the sequencer is stopped. "
            "Waits as long as it takes, or --timeout seconds.",
            "wait-bar 9", run_wait_bar},
    Command{"test", "", "", "One second of 440 Hz on voice1.", "test", run_test},
};

constexpr std::array kOriginal{
    Command{"start", "/engine/start", "", "Says that the audio runs.", "start"},
    Command{"stop", "/engine/stop", "", "Stop the recording and the sequencer.", "stop"},
    Command{"seq-start", "/seq/start", "", "As seq start.", "seq-start"},
    Command{"seq-stop", "/seq/stop", "", "As seq stop.", "seq-stop"},
    Command{"seq-status", "/seq/status", "", "As seq status.", "seq-status"},
};

constexpr std::array kTopics{
    Topic{"Controls and state", kAnything},
    Topic{"Sequencer", kSequencer},
    Topic{"Patterns", kPatterns},
    Topic{"Presets", kPresets},
    Topic{"Setlists", kSetlists},
    Topic{"Versions", kVersions},
    Topic{"What was performed", kHistory},
    Topic{"Recording", kRecording},
    Topic{"Offline", kRenders},
    Topic{"What takes long", kProgress},
    Topic{"While it plays", kPlaying},
    Topic{"Engine, and older names", kOriginal},
};

} // namespace

std::span<const Topic> topics() { return kTopics; }

} // namespace chronus::ctl
