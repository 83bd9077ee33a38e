#include "patterns/show/take.h"

#include "dsp/rows.h"
#include "patterns/store/os_error.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <string>

namespace chronus::patterns {

namespace {

constexpr std::size_t kBlock = 8192; // frames: less than 100 ms of work on any machine
constexpr std::string_view kWhat = "the sound of a render";

/// A file nobody else can find, and the system removes.
Result<UniqueFd> nameless_file(const std::filesystem::path &folder) {
    std::string name = (folder / ".take.XXXXXX").string();
    UniqueFd file{::mkostemp(name.data(), O_CLOEXEC)};
    if (!file) return os_error(errno, folder.string(), "cannot make a file");
    ::unlink(name.c_str());
    return file;
}

void interleave(StereoBlock block, std::vector<float> &both) {
    both.resize(2 * block.frames());
    std::size_t i = 0;
    for (; i + dsp::kWide <= block.frames(); i += dsp::kWide)
        dsp::interleave(dsp::load<dsp::Wide>(&block.left[i]), dsp::load<dsp::Wide>(&block.right[i]),
                        &both[2 * i]);
    for (; i < block.frames(); ++i) {
        both[2 * i] = block.left[i];
        both[2 * i + 1] = block.right[i];
    }
}

} // namespace

Result<Take> Take::of(SoundSource &source, const TakeSpec &spec, const Watch &watch) {
    auto file = nameless_file(spec.folder);
    if (!file) return file.error();
    Take take{*std::move(file), spec.fs};
    if (const auto recorded = take.record(source, watch); !recorded) return recorded.error();
    return take;
}

Outcome Take::record(SoundSource &source, const Watch &watch) {
    SoundCheck check{fs_};
    std::vector<float> left(kBlock), right(kBlock), both;
    std::uint64_t done = 0;
    while (const std::size_t count = source.render({left, right})) {
        if (const auto on = watch.go_on(); !on) return on;
        check.listen(StereoBlock{left, right}.sub(0, count));
        interleave(StereoBlock{left, right}.sub(0, count), both);
        if (const auto written = write(both); !written) return written;
        done += count;
        watch.told(static_cast<double>(done));
    }
    facts_ = check.facts();
    lines_.assign(source.lines().begin(), source.lines().end());
    return Done{};
}

Outcome Take::write(std::span<const float> samples) const {
    auto bytes = std::as_bytes(samples);
    while (!bytes.empty()) {
        const ssize_t n = ::write(file_.get(), bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return os_error(n < 0 ? errno : EIO, kWhat, "cannot write");
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return Done{};
}

Outcome Take::read(const std::function<Outcome(std::span<const float>)> &f,
                   const Watch &watch) const {
    std::vector<float> block(2 * kBlock);
    const std::uint64_t all = 2 * frames();
    for (std::uint64_t done = 0; done < all;) {
        if (const auto on = watch.go_on(); !on) return on;
        const auto wanted =
            static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), all - done));
        const ssize_t n = ::pread(file_.get(), block.data(), wanted * sizeof(float),
                                  static_cast<off_t>(done * sizeof(float)));
        if (n < 0 && errno == EINTR) continue;
        if (n != static_cast<ssize_t>(wanted * sizeof(float)))
            return os_error(n < 0 ? errno : EIO, kWhat, "cannot read");
        if (const auto taken = f(std::span{block}.first(wanted)); !taken) return taken;
        done += wanted;
        watch.told(static_cast<double>(done / 2));
    }
    return Done{};
}

Result<Outline> Take::outline(std::size_t stretches, const Watch &watch) const {
    const std::uint64_t each = std::max<std::uint64_t>(1, (frames() + stretches - 1) / stretches);
    Outline out;
    std::uint64_t frame = 0;
    const auto drawn = read(
        [&](std::span<const float> samples) -> Outcome {
            for (std::size_t i = 0; i < samples.size(); i += 2, ++frame) {
                const auto [low, high] = std::minmax(samples[i], samples[i + 1]);
                if (frame % each == 0) {
                    out.low.push_back(low);
                    out.high.push_back(high);
                }
                out.low.back() = std::min(out.low.back(), low);
                out.high.back() = std::max(out.high.back(), high);
            }
            return Done{};
        },
        watch);
    if (!drawn) return drawn.error();
    return out;
}

} // namespace chronus::patterns
