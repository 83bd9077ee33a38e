#include "patterns/show/render.h"

#include "patterns/show/midi.h"
#include "patterns/show/plot.h"
#include "patterns/show/take.h"
#include "patterns/store/atomic_file.h"
#include "patterns/store/posix_disk.h"
#include "patterns/text/hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <unistd.h>
#include <utility>

namespace chronus::patterns {

namespace {

constexpr std::size_t kPlotColumns = 960;

Frame frames_of(std::span<const Part> parts, SampleRate fs) {
    double seconds = 0;
    for (const Part &part : parts)
        seconds +=
            part.bars * 240.0 / static_cast<double>(part.scene->params.get(param("seq/bpm")));
    return static_cast<Frame>(seconds * static_cast<double>(fs.hz));
}

std::shared_ptr<const Scene> with_only(const Scene &scene, std::string_view name) {
    auto out = std::make_shared<Scene>(scene);
    for (Track &track : out->playing()) track.mute = track.mute || track.name.view() != name;
    return out;
}

/// Of all parts, each once, in the order they come in.
std::vector<std::string> track_names(std::span<const Part> parts) {
    std::vector<std::string> out;
    for (const Part &part : parts)
        for (const Track &track : part.scene->playing())
            if (std::ranges::find(out, track.name.view()) == out.end())
                out.emplace_back(track.name.view());
    return out;
}

/// A name as part of a file's: what is no letter or digit is '_'.
std::string file_word(std::string_view name) {
    std::string out{name};
    for (char &c : out)
        if (std::string_view{"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"}
                .find(c) == std::string_view::npos)
            c = '_';
    return out;
}

/// Makes the outputs of one order.
class Renderer {
public:
    Renderer(const RenderOrder &order, Disk &disk, const Watch &watch)
        : order_(order), disk_(disk), names_(static_cast<std::uint32_t>(::getpid())),
          watch_(watch) {}

    Result<RenderReport> run() {
        const auto take = play(order_.parts);
        if (!take) return take.error();
        RenderReport out{.frames = take->frames(), .seconds = seconds_of(*take)};
        for (const Output output : order_.outputs) {
            auto made = make(output, *take);
            if (!made) return made.error();
            out.outputs.push_back(*std::move(made));
        }
        return out;
    }

private:
    Result<Take> play(std::vector<Part> parts) {
        const Frame expected = frames_of(parts, order_.config.fs);
        Bounce bounce{order_.config, std::move(parts), order_.tail};
        return Take::of(bounce, {order_.config.fs, order_.folder, expected}, watch_);
    }
    double seconds_of(const Take &take) const {
        return static_cast<double>(take.frames()) / static_cast<double>(order_.config.fs.hz);
    }

    Result<MadeOutput> make(Output output, const Take &take) {
        MadeOutput made{.output = output, .facts = take.facts()};
        made.facts.momentary_lufs.clear();
        if (const auto on = watch_.go_on(); !on) return on.error();
        if (output != Output::midi) made.blocked = objection_to(take.facts());
        if (made.blocked) return made;
        watch_.told(spec_of(output).word, 0);
        const Outcome done = output == Output::stems  ? stems(made)
                             : output == Output::midi ? text(made, midi_of(order_.parts))
                             : output == Output::plot ? plot(made, take)
                                                      : sound(made, take, name_of(output));
        if (!done && done.error().code == Errc::cancelled) return done.error();
        if (!done) made.blocked = done.error();
        watch_.told(spec_of(output).word, 1);
        return made;
    }
    std::string name_of(Output output) const {
        return order_.name + std::string{spec_of(output).ending};
    }

    Outcome sound(MadeOutput &made, const Take &take, const std::string &name) {
        const std::string temp = names_.next(name);
        StagedFile staged = StagedFile::adopt(disk_, temp, name);
        const auto rate = static_cast<std::uint32_t>(order_.config.fs.hz);
        auto writer =
            SoundWriter::open(order_.folder / temp, {rate, 2, *spec_of(made.output).sound});
        if (!writer) return writer.error();
        Outcome written =
            take.read([&](std::span<const float> block) { return writer->write(block); }, watch_);
        if (written) written = writer->close();
        if (written) written = staged.commit();
        if (!written) return written;
        return keep(made, {.name = name, .rate = rate, .channels = 2, .frames = take.frames()});
    }

    /// Each track is played alone. One that is not heard gets no file, and is told of.
    Outcome stems(MadeOutput &made) {
        std::string left_out;
        const auto names = track_names(order_.parts);
        for (std::size_t i = 0; i < names.size(); ++i) {
            std::vector<Part> parts = order_.parts;
            for (Part &part : parts) part.scene = with_only(*part.scene, names[i]);
            const auto take = play(std::move(parts));
            if (!take) return take.error();
            if (const auto objection = objection_to(take->facts())) {
                left_out += fmt::format("{}track {}: {}", left_out.empty() ? "" : "; ", names[i],
                                        objection->what);
                continue;
            }
            const auto name = fmt::format("{}.{:02}-{}{}", order_.name, i + 1, file_word(names[i]),
                                          spec_of(Output::stems).ending);
            if (const auto written = sound(made, *take, name); !written) return written;
        }
        if (!left_out.empty()) made.blocked = Error{Errc::failed, left_out};
        return Done{};
    }

    Outcome plot(MadeOutput &made, const Take &take) {
        const auto outline = take.outline(kPlotColumns, watch_);
        if (!outline) return outline.error();
        return text(made, plot_of({order_.name, order_.parts, take.lines(), order_.config.fs,
                                   *outline, take.facts()}));
    }

    Outcome text(MadeOutput &made, std::string_view bytes) {
        const std::string name = name_of(made.output);
        if (const auto written = replace_file(disk_, names_, name, bytes); !written) return written;
        return keep(made, {.name = name});
    }

    Outcome keep(MadeOutput &made, MadeFile file) const {
        Sha256 hash;
        std::ifstream in{order_.folder / file.name, std::ios::binary};
        std::vector<char> piece(1 << 16);
        while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())), in.gcount() > 0) {
            hash.add({piece.data(), static_cast<std::size_t>(in.gcount())});
            file.bytes += static_cast<std::uint64_t>(in.gcount());
        }
        file.sha256 = hash.hex();
        made.files.push_back(std::move(file));
        return Done{};
    }

    const RenderOrder &order_;
    Disk &disk_;
    TempNames names_;
    const Watch &watch_;
};

} // namespace

Result<RenderReport> render(const RenderOrder &order, const Watch &watch) {
    const bool no_bars =
        std::ranges::any_of(order.parts, [](const Part &p) { return p.bars == 0; });
    if (order.parts.empty() || no_bars)
        return Error{Errc::out_of_range, "a render needs at least one bar"};
    if (order.outputs.empty()) return Error{Errc::out_of_range, "a render needs an output"};
    auto disk = PosixDisk::open(order.folder);
    if (!disk) return disk.error();
    return Renderer{order, *disk, watch}.run();
}

} // namespace chronus::patterns
