#pragma once

#include "patterns/store/disk.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace chronus::patterns {

inline constexpr std::string_view kPresetFolder = "presets";
inline constexpr std::size_t kMostPresets = 128;
inline constexpr std::size_t kMaxPresetBytes = 64 * 1024;

/// Letters, digits, '_' and '-', the first a letter or a digit, 64 at most.
bool is_preset_name(std::string_view name);

/// The nearest name a preset may have: what is none of it becomes '_'.
std::string usable_preset_name(std::string_view name);

/// "presets/deep_kick.json".
std::string preset_path(std::string_view name);

/// Reads the presets that players keep, each a file of its own. Writes nothing.
///
/// Thread: control. A load is one small read, a list reads no file.
class Presets {
public:
    explicit Presets(Disk &disk) : disk_(disk) {}

    /// In alphabetic order. Errors: io.
    Result<std::vector<std::string>> names() const;
    /// Errors: not_found, too_big, io.
    Result<std::string> load(std::string_view name) const;

private:
    Disk &disk_;
};

} // namespace chronus::patterns
