#include "osc/context.h"
#include "osc/track_json.h"
#include "osc/typed.h"
#include "osc/verbs.h"
#include "patterns/text/json_writer.h"
#include "patterns/text/notation.h"
#include "patterns/text/track_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace chronus::osc {

namespace {

using patterns::print_pattern;

Result<Reply> replied(const Outcome &done, std::string text) {
    if (!done) return done.error();
    return Reply{std::move(text)};
}

/// "voice3", "3" or 3.
Result<int> voice_named(const Context &context, const std::string &text) {
    const std::uint16_t most = context.session.config().voices;
    const std::string_view digits =
        text.starts_with("voice") ? std::string_view{text}.substr(5) : std::string_view{text};
    int voice = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), voice);
    if (error != std::errc{} || end != digits.data() + digits.size() || voice < 1 || voice > most)
        return Error{Errc::out_of_range,
                     fmt::format("voice \"{}\": not in voice1..voice{}", text, most)};
    return voice;
}

/// Repeats written out can be longer than an answer may be.
constexpr std::size_t kMostShown = 1000;

std::string shown(std::string text) {
    if (text.size() <= kMostShown) return text;
    return text.substr(0, kMostShown) + "...";
}

/// Notes as text: a whole number sent as a float is Hz, as an int MIDI.
Result<std::string> notes_text(const Value &value) {
    auto text = to_text(value, "notes");
    const bool real = std::holds_alternative<float>(value) || std::holds_alternative<double>(value);
    if (text && real && text->find('.') == std::string::npos) *text += ".0";
    return text;
}

/// A wrong key's hint is the nearest key, a wrong value's one that works: made a pair again here.
Outcome set_key(Track &track, const std::string &key, const std::string &value) {
    const auto set = patterns::set_key(track, key, value);
    if (set) return Done{};
    Error error = set.error();
    error.hint = error.code == Errc::not_found ? fmt::format("{}={}", error.hint, value)
                                               : fmt::format("{}={}", key, error.hint);
    return error;
}

/// One argument after the pattern: `key=value`, or base_freq, filter_freq, notes by position. The
/// original took numbers where they stood and ignored what was not one.
Outcome take_argument(Track &track, std::size_t position, const Value &value) {
    if (std::holds_alternative<Nil>(value)) return Done{};
    auto text = notes_text(value);
    if (!text) return text.error();
    const std::size_t equals = text->find('=');
    if (equals != std::string::npos)
        return set_key(track, text->substr(0, equals), text->substr(equals + 1));
    static const std::array<std::string, 3> by_position{"base_freq", "filter_freq", "notes"};
    if (position >= by_position.size()) return Done{};
    if (position < 2 && !to_float(value, by_position[position])) return Done{};
    return set_key(track, by_position[position], *text);
}

Result<Track> track_from(const Context &context, Args args) {
    const auto voice = voice_named(context, text_at(args, 1));
    if (!voice) {
        Error error = voice.error();
        error.hint = typed("/seq/add", {text_at(args, 0), "voice1", text_at(args, 2)});
        return error;
    }
    const std::string name = patterns::usable_name(text_at(args, 0));
    auto track = patterns::make_track(text_at(args, 0), *voice, text_at(args, 2));
    if (!track) {
        Error error = track.error();
        const bool of_name = error.hint == name;
        error.hint = typed("/seq/add", {name, fmt::format("voice{}", *voice),
                                        of_name ? text_at(args, 2) : error.hint});
        return error;
    }
    for (std::size_t i = 3; i < args.size(); ++i)
        if (const auto taken = take_argument(*track, i - 3, args[i]); !taken) {
            Error error = taken.error();
            const std::string pattern = print_pattern(track->pattern());
            error.hint = typed(
                "/seq/add", {track->name.view(), fmt::format("voice{}", *voice),
                             pattern.size() > kMostShown ? text_at(args, 2) : pattern, error.hint});
            return error;
        }
    return track;
}

/// Texts are read as steps and notes; how, is written down.
void tell_reading(Context &context, const Observer::Reading &reading) {
    if (!context.trial && (reading.key == "pattern" || reading.key == "notes"))
        context.observer.read(reading);
}

/// Of an argument after the pattern, if it is notes.
void tell_notes(Context &context, const Track &track, std::size_t position, const Value &value) {
    constexpr std::string_view kKey = "notes=";
    const auto text = notes_text(value);
    if (!text) return;
    const bool named = text->starts_with(kKey);
    if (named || (position == 2 && text->find('=') == std::string::npos))
        tell_reading(context, {track.name.view(), "notes",
                               std::string_view{*text}.substr(named ? kKey.size() : 0),
                               shown(patterns::get_key(track, "notes"))});
}

Result<Reply> seq_add(Context &context, Args args) {
    const auto track = track_from(context, args);
    if (!track) return track.error();
    tell_reading(context, {track->name.view(), "pattern", text_at(args, 2),
                           shown(print_pattern(track->pattern()))});
    for (std::size_t i = 3; i < args.size(); ++i) tell_notes(context, *track, i - 3, args[i]);
    const bool there = context.session.find_track(text_at(args, 0)) != nullptr;
    return replied(context.session.put_track(*track),
                   fmt::format("track {} {}: voice{} {}", track->name.view(),
                               there ? "replaced" : "added", track->voice,
                               shown(print_pattern(track->pattern()))));
}

Result<Reply> seq_remove(Context &context, Args args) {
    return replied(context.session.remove_track(text_at(args, 0)),
                   fmt::format("track {} removed", text_at(args, 0)));
}

Result<Reply> seq_clear(Context &context, Args) {
    return replied(context.session.clear_tracks(), "all tracks removed");
}

Result<Reply> seq_start(Context &context, Args) {
    const bool running = context.session.running();
    return replied(context.session.start(), running ? "already running" : "started");
}

Result<Reply> seq_stop(Context &context, Args) {
    return replied(context.session.stop(), "stopped");
}

Result<Reply> panic(Context &context, Args) {
    return replied(context.timed ? context.session.silence() : context.session.panic(), "silent");
}

Result<Reply> tempo(Context &context, ParamId id, Args args) {
    if (!has(args, 0))
        return Reply{fmt::format("{}", context.session.get(id)), {context.session.get(id)}};
    const auto applied = context.session.set(id, number_at(args, 0));
    if (!applied) return applied.error();
    if (!context.trial) context.subscriptions.wrote(id, number_at(args, 0), context.caller.peer);
    const bool clipped = *applied != number_at(args, 0);
    if (clipped && !context.trial)
        context.observer.clipped(context.caller.address, number_at(args, 0), *applied);
    return Reply{clipped ? fmt::format("{}, clipped from {}", *applied, number_at(args, 0))
                         : fmt::format("{}", *applied),
                 {*applied}};
}

Result<Reply> seq_bpm(Context &context, Args args) {
    return tempo(context, param("seq/bpm"), args);
}
Result<Reply> seq_swing(Context &context, Args args) {
    return tempo(context, param("seq/swing"), args);
}

/// Changes one thing of a track while it plays.
Result<Reply> set_track(Context &context, Args args, std::string_view key,
                        const std::string &value) {
    const std::string &name = text_at(args, 0);
    std::string applied;
    const auto done = context.session.edit_track(name, [&](Track &track) -> Outcome {
        auto set = patterns::set_key(track, key, value);
        if (set) {
            applied = std::move(*set);
            return Done{};
        }
        Error error = set.error();
        error.hint = error.code == Errc::not_found ? typed("/seq/set", {name, error.hint, value})
                                                   : typed("/seq/set", {name, key, error.hint});
        return error;
    });
    if (!done) return done.error();
    tell_reading(context, {name, key, value, shown(applied)});
    return Reply{fmt::format("track {} {} {}", name, key, shown(applied))};
}

Result<Reply> update_pattern(Context &context, Args args) {
    return set_track(context, args, "pattern", text_at(args, 1));
}

Result<Reply> update_notes(Context &context, Args args) {
    const auto text = notes_text(args[1]);
    if (!text) return text.error();
    return set_track(context, args, "notes", *text);
}

Result<Reply> seq_set(Context &context, Args args) {
    const auto text = notes_text(args[2]);
    if (!text) return text.error();
    return set_track(context, args, text_at(args, 1), *text);
}

Result<Reply> seq_mute(Context &context, Args args) {
    const bool on = std::get<bool>(args[1]);
    return set_track(context, args, "mute", on ? "1" : "0");
}

Result<Reply> seq_solo(Context &context, Args args) {
    const bool on = std::get<bool>(args[1]);
    return set_track(context, args, "solo", on ? "1" : "0");
}

Result<Reply> seq_fill(Context &context, Args args) {
    const bool on = std::get<bool>(args[0]);
    return replied(context.session.fill(on), on ? "fills on" : "fills off");
}

Result<Reply> seq_list(Context &context, Args) {
    patterns::JsonWriter json;
    json.begin_array();
    for (const Track &track : context.session.scene().playing()) json.raw(track_json(track));
    json.end_array();
    const std::size_t count = context.session.scene().track_count;
    return listed(counted(count, "track"), count, json.text());
}

Result<Reply> seq_status(Context &context, Args) {
    Session &session = context.session;
    const Telemetry &engine = session.telemetry();
    const auto step = static_cast<std::int32_t>(engine.step.load());
    const bool running = session.running();
    return Reply{fmt::format("{} at {} BPM, swing {}, bar {}, step {}, {}{}",
                             running ? "running" : "stopped", session.get(param("seq/bpm")),
                             session.get(param("seq/swing")), step / 16 + 1, step % 16 + 1,
                             counted(session.scene().track_count, "track"),
                             session.switch_waits() ? ", a pattern waits for the bar" : ""),
                 {running, session.get(param("seq/bpm")), session.get(param("seq/swing")), step + 1,
                  static_cast<std::int32_t>(session.scene().track_count)}};
}

constexpr std::array kVerbs{
    Verb{"/seq/add", "s:track s:voice s:pattern ...",
         "Add a track, or replace the one of that name. After the pattern: base_freq and "
         "filter_freq "
         "in Hz, notes, or key=value pairs.",
         "/seq/add kick voice1 X...x...X...x...", seq_add, Acts::edits},
    Verb{"/seq/remove", "s:track", "Remove a track.", "/seq/remove kick", seq_remove, Acts::edits,
         Extra::refused},
    Verb{"/seq/clear", "", "Remove every track and let every voice go.", "/seq/clear", seq_clear,
         Acts::edits},
    Verb{"/seq/start", "", "Start at step 0; nothing when running.", "/seq/start", seq_start,
         Acts::plays},
    Verb{"/seq/stop", "", "Stop and release every voice.", "/seq/stop", seq_stop, Acts::plays},
    Verb{"/seq/bpm", "f:bpm?", "Tempo in quarter notes a minute; asks without an argument.",
         "/seq/bpm 128", seq_bpm, Acts::plays},
    Verb{"/seq/swing", "f:amount?",
         "How late odd steps come, in half steps (0..0.6); asks without an argument.",
         "/seq/swing 0.2", seq_swing, Acts::plays},
    Verb{"/seq/status", "", "Whether it runs, tempo, swing, position.", "/seq/status", seq_status},
    Verb{"/seq/list", "", "Every track with its pattern and settings, as JSON.", "/seq/list",
         seq_list},
    Verb{"/seq/update/pattern", "s:track s:pattern", "Give a track another pattern.",
         "/seq/update/pattern kick X.x.X.x.", update_pattern, Acts::edits},
    Verb{"/seq/update/notes", "s:track v:notes", "Give a track other notes; they start anew.",
         "/seq/update/notes bass A2,C3,E3", update_notes, Acts::edits},
    Verb{"/seq/set", "s:track s:key v:value", "Change one thing of a track while it plays.",
         "/seq/set kick gate_frac 0.25", seq_set, Acts::edits},
    Verb{"/seq/mute", "s:track b:on", "Mute a track or let it play.", "/seq/mute kick 1", seq_mute,
         Acts::edits},
    Verb{"/seq/solo", "s:track b:on", "Play only tracks that are solo.", "/seq/solo kick 1",
         seq_solo, Acts::edits},
    Verb{"/seq/fill", "b:on", "Play the hits marked ! too, or no longer.", "/seq/fill 1", seq_fill,
         Acts::plays},
    Verb{"/panic", "", "Stop, and silence everything within 10 ms.", "/panic", panic, Acts::plays},
};

} // namespace

std::span<const Verb> sequencer_verbs() { return kVerbs; }

} // namespace chronus::osc
