#pragma once

#include "engine/model/time.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

/// What is kept of a performance: items, one after the other, each of a kind of the table below.
namespace chronus::patterns {

/// What happened. The numbers are in files: none is ever given to another.
enum class ItemType : std::uint8_t {
    user_input_osc = 1,
    user_input_cli = 2,
    user_input_agent = 3,
    user_input_file = 4,
    translation_result = 10,
    stage1_check = 11,
    stage1_refused = 12,
    applied = 20,
    late = 21,
    dropped = 22,
    stage3_safety_check = 30,
    stage3_blocked = 31,
    output_audio = 40,
    output_stem = 41,
    output_midi = 42,
    output_image = 43,
    start = 50,
    complete = 51,
    error = 52,
    xrun = 53,
    heal = 54,
    device_lost = 55,
    device_back = 56,
    scene_applied = 57,
    audio_hash = 58,
    gap = 59, ///< so many items were lost here
};

/// The way from what somebody said to what came out; `system` is beside it.
enum class Stage : std::uint8_t { input, reading, acting, checking, output, system };

struct ItemRow {
    ItemType type;
    std::string_view name;
    Stage stage;
    std::string_view media; ///< of its content, or of its file where it has one
};

inline constexpr std::string_view kJson = "application/json", kPlain = "text/plain";

inline constexpr std::array kItemRows{
    ItemRow{ItemType::user_input_osc, "user_input_osc", Stage::input, kPlain},
    ItemRow{ItemType::user_input_cli, "user_input_cli", Stage::input, kPlain},
    ItemRow{ItemType::user_input_agent, "user_input_agent", Stage::input, kPlain},
    ItemRow{ItemType::user_input_file, "user_input_file", Stage::input, kPlain},
    ItemRow{ItemType::translation_result, "translation_result", Stage::reading, kJson},
    ItemRow{ItemType::stage1_check, "stage1_check", Stage::reading, kJson},
    ItemRow{ItemType::stage1_refused, "stage1_refused", Stage::reading, kJson},
    ItemRow{ItemType::applied, "applied", Stage::acting, kJson},
    ItemRow{ItemType::late, "late", Stage::acting, kJson},
    ItemRow{ItemType::dropped, "dropped", Stage::acting, kJson},
    ItemRow{ItemType::stage3_safety_check, "stage3_safety_check", Stage::checking, kJson},
    ItemRow{ItemType::stage3_blocked, "stage3_blocked", Stage::checking, kJson},
    ItemRow{ItemType::output_audio, "output_audio", Stage::output, "audio/wav"},
    ItemRow{ItemType::output_stem, "output_stem", Stage::output, "audio/wav"},
    ItemRow{ItemType::output_midi, "output_midi", Stage::output, "audio/midi"},
    ItemRow{ItemType::output_image, "output_image", Stage::output, "image/svg+xml"},
    ItemRow{ItemType::start, "start", Stage::system, kJson},
    ItemRow{ItemType::complete, "complete", Stage::system, kJson},
    ItemRow{ItemType::error, "error", Stage::system, kJson},
    ItemRow{ItemType::xrun, "xrun", Stage::system, kJson},
    ItemRow{ItemType::heal, "heal", Stage::system, kJson},
    ItemRow{ItemType::device_lost, "device_lost", Stage::system, kJson},
    ItemRow{ItemType::device_back, "device_back", Stage::system, kJson},
    ItemRow{ItemType::scene_applied, "scene_applied", Stage::system, kJson},
    ItemRow{ItemType::audio_hash, "audio_hash", Stage::system, kPlain},
    ItemRow{ItemType::gap, "gap", Stage::system, kJson},
};

static_assert(std::ranges::is_sorted(kItemRows, std::ranges::less{}, &ItemRow::type));

/// Nothing for a number, or a name, that none has.
constexpr const ItemRow *find_item_row(std::int64_t number) noexcept {
    for (const ItemRow &row : kItemRows)
        if (static_cast<std::int64_t>(row.type) == number) return &row;
    return nullptr;
}
constexpr const ItemRow *find_item_row(std::string_view name) noexcept {
    for (const ItemRow &row : kItemRows)
        if (row.name == name) return &row;
    return nullptr;
}
constexpr const ItemRow &row_of(ItemType type) noexcept {
    return *find_item_row(static_cast<std::int64_t>(type));
}

/// One thing that happened. What is empty takes no room in the file.
///
/// Units: Unix ms; frames of the engine it happened in.
template <class Text>
struct BasicItem {
    ItemType type{};
    std::int64_t time_ms = 0;
    Frame frame = 0;
    Text author = {};
    Text content = {};        ///< mostly JSON on one line
    Text file = {};           ///< below the state folder
    Text request = {};        ///< the client's name for what it asked
    std::uint32_t output = 0; ///< output_config_index from 1; 0 none
    Text metadata = {};       ///< JSON, free
    std::uint64_t seq = 0;    ///< from 1 in its execution; given when it is kept

    friend bool operator==(const BasicItem &, const BasicItem &) = default;
};
using Item = BasicItem<std::string>;
/// To be kept: it owns no text.
using ItemView = BasicItem<std::string_view>;

} // namespace chronus::patterns
