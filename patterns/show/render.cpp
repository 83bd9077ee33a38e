#include "patterns/show/render.h"

#include "patterns/show/midi.h"
#include "patterns/show/plot.h"
#include "patterns/show/render_levels.h"
#include "patterns/show/take.h"
#include "patterns/show/write_behind.h"
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
    Renderer(const RenderOrder &order, Disk &disk, ProgressScope &level)
        : order_(order), disk_(disk), names_(static_cast<std::uint32_t>(::getpid())),
          level_(level) {}

    Result<RenderReport> run() {
        const Expense expense;
        const auto take = play();
        if (!take) return take.error();
        expense.tell(level_, take->frames(), order_.config.fs);
        check(*take);
        RenderReport out{.frames = take->frames(), .seconds = seconds_of(*take)};
        for (const Output output : order_.outputs) {
            auto made = make(output, *take);
            if (!made) return made.error();
            out.outputs.push_back(*std::move(made));
            if (order_.told) order_.told(out.outputs.back(), out.outputs.size());
        }
        return out;
    }

private:
    /// All parts, each with a level of its own.
    Result<Take> play() {
        if (order_.played) return play_else();
        Bounce bounce{order_.config, order_.parts, order_.tail};
        PartLevels levels{level_, bounce, order_.parts, order_.config.fs};
        level_.plan("check", "sound");
        for (const Output output : order_.outputs) level_.plan("output", spec_of(output).word);
        auto take = Take::of(
            bounce, {order_.config.fs, order_.folder},
            {level_.stop(), [&](double frames) { levels.at(static_cast<std::uint64_t>(frames)); }});
        levels.end(take);
        return take;
    }
    Result<Take> play_else() {
        level_.plan("check", "sound");
        for (const Output output : order_.outputs) level_.plan("output", spec_of(output).word);
        ProgressScope playing = level_.part("part", "performance");
        return playing.run([&] {
            return Take::of(*order_.played(""), {order_.config.fs, order_.folder},
                            watch_of(playing));
        });
    }
    double seconds_of(const Take &take) const {
        return static_cast<double>(take.frames()) / static_cast<double>(order_.config.fs.hz);
    }

    void check(const Take &take) {
        ProgressScope level = level_.part("check", "sound");
        tell_of(level_, take.facts());
        if (auto objection = objection_to(take.facts()))
            level.fail(*std::move(objection));
        else
            level.complete();
    }

    Result<MadeOutput> make(Output output, const Take &take) {
        ProgressScope level = level_.part("output", spec_of(output).word);
        auto made = checked(output, take, level);
        if (!made || made->blocked)
            level.fail(made ? *made->blocked : made.error());
        else
            level.complete();
        return made;
    }

    Result<MadeOutput> checked(Output output, const Take &take, ProgressScope &level) {
        MadeOutput made{.output = output, .facts = take.facts()};
        made.facts.momentary_lufs.clear();
        if (const auto on = watch_of(level).go_on(); !on) return on.error();
        if (order_.played && output == Output::midi)
            made.blocked = Error{Errc::unsupported, "midi is made of patterns, not of what was "
                                                    "done to them"};
        if (made.blocked) return made;
        if (output != Output::midi) made.blocked = objection_to(take.facts());
        if (made.blocked) return made;
        const Outcome done = output == Output::stems  ? stems(made, level)
                             : output == Output::midi ? text(made, midi_of(order_.parts))
                             : output == Output::plot ? plot(made, take, level)
                                                      : sound(made, take, name_of(output), level);
        if (!done && done.error().code == Errc::cancelled) return done.error();
        if (!done) made.blocked = done.error();
        for (const MadeFile &file : made.files)
            level.output({file.name, file.rate, file.channels, file.frames});
        return made;
    }
    std::string name_of(Output output) const {
        return order_.name + std::string{spec_of(output).ending};
    }

    Outcome sound(MadeOutput &made, const Take &take, const std::string &name,
                  ProgressScope &level) {
        ProgressScope encoder = level.part("encoder", name, static_cast<double>(take.frames()));
        const std::string temp = names_.next(name);
        StagedFile staged = StagedFile::adopt(disk_, temp, name);
        const auto rate = static_cast<std::uint32_t>(order_.config.fs.hz);
        MadeFile file{.name = name, .rate = rate, .channels = 2, .frames = take.frames()};
        return encoder.run([&]() -> Outcome {
            const Watch watch = watch_of(encoder);
            if (auto done = encode(made.output, take, temp, watch); !done) return done;
            if (auto done = measure(file, temp, watch); !done) return done;
            if (auto done = staged.commit(); !done) return done;
            made.files.push_back(std::move(file));
            return Done{};
        });
    }

    Outcome encode(Output output, const Take &take, const std::string &temp, const Watch &watch) {
        const auto rate = static_cast<std::uint32_t>(order_.config.fs.hz);
        auto writer = SoundWriter::open(order_.folder / temp, {rate, 2, *spec_of(output).sound});
        if (!writer) return writer.error();
        WriteBehind disk{order_.folder / temp};
        const auto write = [&](std::span<const float> block) {
            const auto done = writer->write(block);
            disk.grown();
            return done;
        };
        const Outcome written = take.read(write, watch);
        return written ? writer->close() : written;
    }

    /// Each track is played alone. One that is not heard gets no file, and is told of.
    Outcome stems(MadeOutput &made, ProgressScope &level) {
        std::string left_out;
        const auto names = order_.played ? order_.tracks : track_names(order_.parts);
        for (const std::string &name : names) level.plan("part", name);
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto take = play_alone(names[i], level);
            if (!take) return take.error();
            if (const auto objection = objection_to(take->facts())) {
                left_out += fmt::format("{}track {}: {}", left_out.empty() ? "" : "; ", names[i],
                                        objection->what);
                continue;
            }
            const auto name = fmt::format("{}.{:02}-{}{}", order_.name, i + 1, file_word(names[i]),
                                          spec_of(Output::stems).ending);
            if (const auto written = sound(made, *take, name, level); !written) return written;
        }
        if (!left_out.empty()) made.blocked = Error{Errc::failed, left_out};
        return Done{};
    }

    Result<Take> play_alone(const std::string &track, ProgressScope &level) {
        if (order_.played) {
            ProgressScope playing = level.part("part", track);
            return playing.run([&] {
                return Take::of(*order_.played(track), {order_.config.fs, order_.folder},
                                watch_of(playing));
            });
        }
        std::vector<Part> parts = order_.parts;
        Frame frames = 0;
        for (Part &part : parts) {
            part.scene = with_only(*part.scene, track);
            frames += frames_of(part, order_.config.fs);
        }
        ProgressScope playing = level.part("part", track, static_cast<double>(frames));
        Bounce bounce{order_.config, std::move(parts), order_.tail};
        return playing.run([&] {
            return Take::of(bounce, {order_.config.fs, order_.folder}, watch_of(playing));
        });
    }

    Outcome plot(MadeOutput &made, const Take &take, ProgressScope &level) {
        const auto outline = take.outline(kPlotColumns, {level.stop()});
        if (!outline) return outline.error();
        return text(made, plot_of({order_.name, order_.parts, take.lines(), order_.config.fs,
                                   *outline, take.facts()}));
    }

    Outcome text(MadeOutput &made, std::string_view bytes) {
        const std::string name = name_of(made.output);
        if (const auto written = replace_file(disk_, names_, name, bytes); !written) return written;
        made.files.push_back({.name = name, .bytes = bytes.size(), .sha256 = sha256_hex(bytes)});
        return Done{};
    }

    /// Its size and hash.
    Outcome measure(MadeFile &file, const std::string &temp, const Watch &watch) const {
        Sha256 hash;
        std::ifstream in{order_.folder / temp, std::ios::binary};
        std::vector<char> piece(1 << 18);
        while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())), in.gcount() > 0) {
            if (auto on = watch.go_on(); !on) return on;
            hash.add({piece.data(), static_cast<std::size_t>(in.gcount())});
            file.bytes += static_cast<std::uint64_t>(in.gcount());
        }
        file.sha256 = hash.hex();
        return Done{};
    }

    const RenderOrder &order_;
    Disk &disk_;
    TempNames names_;
    ProgressScope &level_;
};

} // namespace

Result<RenderReport> render(const RenderOrder &order, ProgressScope &level) {
    const bool no_bars =
        std::ranges::any_of(order.parts, [](const Part &p) { return p.bars == 0; });
    if ((order.parts.empty() && !order.played) || no_bars)
        return Error{Errc::out_of_range, "a render needs at least one bar"};
    if (order.outputs.empty()) return Error{Errc::out_of_range, "a render needs an output"};
    auto disk = PosixDisk::open(order.folder);
    if (!disk) return disk.error();
    return Renderer{order, *disk, level}.run();
}

} // namespace chronus::patterns
