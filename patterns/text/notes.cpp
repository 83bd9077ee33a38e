#include "patterns/text/notes.h"

#include "patterns/text/number.h"
#include "patterns/text/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace chronus::patterns {

namespace {

constexpr std::string_view kBetween = ", \t\r\n";
constexpr int kHighestMidi = 127;
constexpr int kDefaultOctave = 4;
constexpr std::string_view kRest = "r";

/// The octave from middle C up in Hz; the others are exact doublings, on any machine.
constexpr std::array kOctave{261.62556530059863, 277.18263097687210, 293.66476791740756,
                             311.12698372208092, 329.62755691286992, 349.22823143300388,
                             369.99442271163440, 391.99543598174930, 415.30469757994513,
                             440.00000000000000, 466.16376151808991, 493.88330125612413};
constexpr std::array<std::string_view, 12> kNames{"C",  "C#", "D",  "D#", "E",  "F",
                                                  "F#", "G",  "G#", "A",  "A#", "B"};
/// Semitones above C of A, B, C ...
constexpr std::array kLetters{9, 11, 0, 2, 4, 5, 7};

/// Octave and semitone of a MIDI number; C-1 is 0.
struct Pitch {
    int octave, semitone;
};
constexpr Pitch pitch_of(int midi) {
    const int semitone = ((midi % 12) + 12) % 12;
    return {(midi - semitone) / 12 - 1, semitone};
}

float tempered(int midi) {
    const Pitch pitch = pitch_of(midi);
    const double hz = kOctave[static_cast<std::size_t>(pitch.semitone)];
    return static_cast<float>(std::ldexp(hz, pitch.octave - kDefaultOctave));
}

/// The MIDI number of a name, if it is one.
std::optional<int> named(std::string_view text) {
    const char letter =
        text[0] >= 'a' && text[0] <= 'g' ? static_cast<char>(text[0] - 32) : text[0];
    if (letter < 'A' || letter > 'G') return std::nullopt;
    int midi = kLetters[static_cast<std::size_t>(letter - 'A')];
    text.remove_prefix(1);
    if (text.starts_with('#') || text.starts_with('b')) {
        midi += text[0] == '#' ? 1 : -1;
        text.remove_prefix(1);
    }
    int octave = kDefaultOctave;
    if (!text.empty()) {
        const char *end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, octave);
        if (error != std::errc{} || stop != end || std::abs(octave) > 99) return std::nullopt;
    }
    return midi + 12 * (octave + 1);
}

/// The pitch a piece stands for in Hz, in range or not.
std::optional<double> pitch_in_hz(std::string_view piece) {
    if (piece.empty()) return std::nullopt;
    if (piece.find('.') != std::string_view::npos) return parse_number(piece);
    if (piece.find_first_not_of("0123456789") != std::string_view::npos) {
        const auto midi = named(piece);
        return midi ? std::optional<double>{tempered(*midi)} : std::nullopt;
    }
    const auto number = parse_number(piece);
    if (number && *number <= kHighestMidi) return tempered(static_cast<int>(*number));
    return number;
}

/// The pieces of a list that are not empty.
std::vector<std::string_view> pieces_of(std::string_view text) {
    std::vector<std::string_view> pieces;
    for (;;) {
        const std::size_t begin = text.find_first_not_of(kBetween);
        if (begin == std::string_view::npos) return pieces;
        text.remove_prefix(begin);
        pieces.push_back(text.substr(0, text.find_first_of(kBetween)));
        text.remove_prefix(pieces.back().size());
    }
}

} // namespace

Result<float> parse_note(std::string_view text) {
    const auto hz = pitch_in_hz(trimmed(text));
    if (!hz)
        return Error{Errc::bad_type,
                     fmt::format("note {}: not a MIDI number (60), a name (C#4, Bb2) or Hz (41.2)",
                                 in_quotes(text)),
                     "C4"};
    const auto pitch = static_cast<float>(*hz);
    if (!(pitch >= kLowestNote && pitch <= kHighestNote))
        return Error{
            Errc::out_of_range,
            fmt::format("note {}: not in {}..{} Hz", in_quotes(text), kLowestNote, kHighestNote),
            "C4"};
    return pitch;
}

namespace {

/// A note, a rest or a chord, behind those that are there.
Outcome add_piece(std::string_view piece, std::vector<Note> &notes) {
    if (piece == kRest) {
        notes.push_back({});
        return Done{};
    }
    std::size_t count = 0;
    for (std::size_t begin = 0; begin <= piece.size(); ++count) {
        const std::size_t end = std::min(piece.find('+', begin), piece.size());
        const bool alone = begin == 0 && end == piece.size();
        const auto hz = parse_note(piece.substr(begin, end - begin));
        if (!hz && alone) return hz.error();
        if (!hz)
            return Error{hz.error().code,
                         fmt::format("note {}: {}", in_quotes(piece), hz.error().what), "C4+E4"};
        notes.push_back({*hz, count > 0});
        begin = end + 1;
    }
    if (count <= kMaxChord) return Done{};
    return Error{
        Errc::out_of_range,
        fmt::format("note {}: {} notes at once; at most {}", in_quotes(piece), count, kMaxChord),
        "C4+E4"};
}

/// The notes of a list that are ones.
std::string mended(std::span<const std::string_view> pieces) {
    std::string text;
    std::size_t count = 0;
    for (const std::string_view piece : pieces) {
        std::vector<Note> notes;
        if (!add_piece(piece, notes)) continue;
        count += notes.size();
        if (count > kMaxNotes) break;
        if (!text.empty()) text += ',';
        text += piece;
    }
    return text.empty() ? "C4" : text;
}

} // namespace

Result<std::vector<Note>> parse_notes(std::string_view text) {
    const auto pieces = pieces_of(text);
    std::vector<Note> notes;
    for (const std::string_view piece : pieces)
        if (const auto added = add_piece(piece, notes); !added)
            return Error{added.error().code, added.error().what, mended(pieces)};
    if (notes.size() > kMaxNotes)
        return Error{Errc::out_of_range,
                     fmt::format("notes: {} of them; at most {}", notes.size(), kMaxNotes),
                     mended(pieces)};
    return notes;
}

std::string print_note(float hz) {
    const int midi = hz > 0 && std::isfinite(hz)
                         ? static_cast<int>(std::lround(69 + 12 * std::log2(hz / 440.0f)))
                         : 0;
    if (tempered(midi) == hz) {
        const Pitch pitch = pitch_of(midi);
        return fmt::format("{}{}", kNames[static_cast<std::size_t>(pitch.semitone)], pitch.octave);
    }
    const std::string text = number_text(hz);
    return text.find('.') == std::string::npos ? text + ".0" : text;
}

std::string print_notes(std::span<const Note> notes) {
    std::string text;
    for (const Note &note : notes) {
        if (!text.empty()) text += note.with_last ? '+' : ',';
        text += note.hz == 0 ? std::string{kRest} : print_note(note.hz);
    }
    return text;
}

void put_notes(Track &track, std::span<const Note> notes) {
    track.note_list = {};
    std::ranges::copy(notes, track.note_list.begin());
    track.note_count = static_cast<std::uint16_t>(notes.size());
}

} // namespace chronus::patterns
