#include "engine/host/rtaudio_device.h"

#include <fmt/format.h>

#include <array>
#include <dlfcn.h>
#include <filesystem>
#include <system_error>

namespace chronus {

namespace {

constexpr char kModule[] = "chronus_rtaudio.so";

Error missing(std::string_view why) {
    return {Errc::unsupported,
            fmt::format("this program's part for sound cards did not load: {}", why),
            "--device null"};
}

/// Never given back: the sound systems' libraries leave threads behind.
Result<RtAudioDoor> load() {
    std::error_code none;
    const auto home = std::filesystem::read_symlink("/proc/self/exe", none).parent_path();
    const std::array places{home / kModule, home / "../lib/chronus" / kModule};
    for (const auto &place : places) {
        if (!std::filesystem::exists(place, none)) continue;
        void *module = ::dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
        void *door = module != nullptr ? ::dlsym(module, kRtAudioDoor) : nullptr;
        if (door == nullptr) return missing(::dlerror());
        return reinterpret_cast<RtAudioDoor>(door);
    }
    return missing(fmt::format("no {} in {} or in {}", kModule, places[0].parent_path().string(),
                               places[1].parent_path().lexically_normal().string()));
}

} // namespace

Result<std::unique_ptr<AudioDevice>> open_by_module(DeviceKind kind, const DeviceRequest &request) {
    static const Result<RtAudioDoor> door = load();
    if (!door) return door.error();
    Result<std::unique_ptr<AudioDevice>> out = Error{};
    (*door)(kind, request, out);
    return out;
}

} // namespace chronus
