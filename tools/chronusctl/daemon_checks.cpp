#include "tools/chronusctl/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace chronus::ctl {

namespace {

/// From the newer document when it has the member, else from the older one.
const Json &told_of(const Told &told, std::string_view name) {
    const Json &newer = member(told.engine, name);
    return newer.is_null() ? member(told.status, name) : newer;
}

bool has(const Json &json, std::string_view name) { return !member(json, name).is_null(); }

std::string counted(double n, std::string_view noun) {
    return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

/// Twice the block there is, as an option of whoever decides on it.
std::string larger_block(const Json &device) {
    const double block = std::clamp(number_of(device, "block", 256) * 2, 32.0, 8192.0);
    const bool jack = text_of(device, "kind") == "jack";
    return fmt::format("{} {}", jack ? "jackd -d alsa -p" : "chronusd --block", block);
}

void check_device(const Told &told, Checks &out) {
    const Json &device = told_of(told, "device"), &older = member(told.status, "device");
    if (device.is_null()) return;
    const std::string kind = text_of(device, "kind"), name = text_of(device, "name");
    Check check{"device", Health::ok,
                fmt::format("{}{}, {} Hz, blocks of {}", kind,
                            name.empty() || name == kind ? "" : " \"" + name + "\"",
                            number_of(device, "rate"), number_of(device, "block"))};
    if (has(device, "latency_ms"))
        check.text += fmt::format(", {:.1f} ms", number_of(device, "latency_ms"));
    if (kind == "null") {
        check.health = Health::warn;
        check.text += ": nobody hears it";
        check.advice = "chronusd --device auto, with a sound system running";
    }
    if (const std::string state = text_of(older, "state"); !state.empty() && state != "running") {
        check.health = Health::bad;
        check.text += "; it is " + state;
        check.advice = "start the sound system again; the daemon comes back to it by itself";
    }
    out.push_back(std::move(check));
}

void check_load(const Told &told, Checks &out) {
    const Json &device = told_of(told, "device");
    if (!has(device, "load")) return;
    const double load = number_of(device, "load");
    Check check{"load", Health::ok, fmt::format("{:.0f} % of the time for a block", 100 * load)};
    if (load >= 0.7) {
        check.health = load >= 0.95 ? Health::bad : Health::warn;
        check.advice = larger_block(device) + ", or fewer --voices";
    }
    out.push_back(std::move(check));
}

/// How long blocks take, from how many took up to which share of their time.
std::string block_times(const Json &blocks) {
    const auto ends = items_of(member(blocks, "up_to")),
               counts = items_of(member(blocks, "counts"));
    double all = 0, passed = 0;
    for (const Json &count : counts) all += number_of(count);
    for (std::size_t i = 0; i < std::min(ends.size(), counts.size()) && all > 0; ++i)
        if (passed += number_of(counts[i]); passed >= 0.999 * all)
            return fmt::format(
                "; 999 of 1000 took at most {:.3g} % of their time, the longest {:.0f} %",
                100 * number_of(ends[i]), 100 * number_of(blocks, "longest"));
    return all > 0 ? fmt::format("; the longest took {:.0f} % of its time",
                                 100 * number_of(blocks, "longest"))
                   : "";
}

void check_blocks(const Told &told, Checks &out) {
    const Json &device = told_of(told, "device"), &older = member(told.status, "device");
    if (!has(device, "xruns")) return;
    const double missed = number_of(device, "xruns"), late = number_of(older, "late"),
                 lost = number_of(device, "lost");
    Check check{"blocks", Health::ok, "none missed"};
    if (missed + late > 0) {
        check = {"blocks", Health::warn,
                 fmt::format("{} missed, {} late since the start", missed, late),
                 larger_block(device)};
    }
    check.text += block_times(member(told.engine, "blocks"));
    if (lost > 0) {
        check.health = Health::warn;
        check.text += fmt::format("; the device went away {}", counted(lost, "time"));
    }
    out.push_back(std::move(check));
}

/// Older daemons tell of both within the device.
void check_grants(const Told &told, Checks &out) {
    const Json &realtime = member(told.engine, "realtime"), &memory = member(told.engine, "memory"),
               &older = member(told.status, "device");
    if (!realtime.is_null() || has(older, "realtime")) {
        const bool granted = truth_of(realtime, "granted") || truth_of(older, "realtime");
        std::string why = text_of(realtime, "why");
        if (why.empty()) why = text_of(older, "realtime_why");
        out.push_back({"realtime", granted ? Health::ok : Health::warn,
                       granted ? "real-time priority" : why, granted ? "" : priority_advice(why)});
    }
    if (!memory.is_null() || has(older, "memory_locked")) {
        const bool locked = truth_of(memory, "locked") || truth_of(older, "memory_locked");
        const std::string why = text_of(memory, "why");
        out.push_back({"memory", locked ? Health::ok : Health::warn,
                       locked        ? "locked"
                       : why.empty() ? "not locked: pages of it may have to come from the disk"
                                     : why,
                       locked ? "" : memory_advice()});
    }
}

void check_clock(const Told &told, Checks &out) {
    const Json &clock = member(told.engine, "clock");
    if (clock.is_null()) return;
    const std::string figures = fmt::format("jitter {:.0f} us, {:.1f} ppm from the nominal rate",
                                            number_of(clock, "jitter_us"), number_of(clock, "ppm"));
    if (truth_of(clock, "fit"))
        out.push_back({"clock", Health::ok, figures});
    else
        out.push_back({"clock", Health::warn,
                       "not settled, so time tags are met less exactly; " + figures,
                       "wait some seconds, then chronusctl doctor again"});
}

/// A way in which what was sent does not act as it should.
struct Loss {
    std::string_view member, words, advice;
};
constexpr std::array kLosses{
    Loss{"bad_packets", "could not be read", "look at what the client sends: it is no OSC 1.0"},
    Loss{"rate_limited", "came too fast from one source",
         "send bundles, or subscribe instead of asking"},
    Loss{"kernel", "were dropped by the kernel",
         "as root: sysctl net.core.rmem_max=4194304; or send less at once"},
    Loss{"late", "came after their time", "give time tags that lie further ahead"},
    Loss{"queue_full", "found the queue full", "send less far ahead"},
};

void check_drops(const Told &told, Checks &out) {
    const Json &drops = member(told.engine, "drops");
    const Json &from = drops.is_null() ? told.status : drops; // older daemons tell of bad packets
    bool any = false;
    for (const Loss &loss : kLosses)
        if (const double n = number_of(from, loss.member); n > 0) {
            any = true;
            out.push_back({"messages", Health::warn, fmt::format("{} {}", n, loss.words),
                           std::string{loss.advice}});
        }
    if (!any && (!drops.is_null() || has(told.status, "bad_packets")))
        out.push_back({"messages", Health::ok, "none lost"});
}

void check_queue(const Told &told, Checks &out) {
    const Json &queue = member(told.engine, "queue");
    if (queue.is_null()) return;
    const double held = number_of(queue, "scheduled"), room = number_of(queue, "capacity");
    const bool full = room > 0 && held >= 0.9 * room;
    out.push_back({"queue", full ? Health::warn : Health::ok,
                   fmt::format("{} of {} places taken by what is still to come", held, room),
                   full ? "send less far ahead" : ""});
}

void check_store(const Told &told, Checks &out) {
    const Json &store = told_of(told, "store");
    if (store.is_null()) return;
    const std::string state =
        store.as<std::string>() != nullptr ? plain(store) : text_of(store, "state");
    const double free_mb = number_of(store, "disk_free_mb", 1e9);
    Check check{"store", Health::ok, state};
    if (free_mb < 1e9) check.text += fmt::format(", {} MB free", free_mb);
    if (free_mb < 1000) {
        check.health = Health::warn;
        check.advice = "make room: an hour of recording takes 1400 MB";
    }
    if (free_mb < 100 || (!state.empty() && state != "ok")) {
        check.health = Health::bad;
        check.advice = "see that the disk of the state folder has room and can be written";
    }
    out.push_back(std::move(check));
}

void check_sound(const Told &told, Checks &out) {
    if (const double heals = number_of(told.status, "heals"); heals > 0)
        out.push_back(
            {"sound", Health::warn,
             fmt::format("a voice or effect went astray and was reset {}", counted(heals, "time")),
             "lower resonance, drive or feedback where it happens"});
}

void check_clients(const Told &told, Checks &out) {
    std::size_t fine = 0;
    for (const Json &client : items_of(member(told.engine, "clients"))) {
        const double late = number_of(client, "late"), jitter_ms = number_of(client, "jitter_ms");
        const std::string advice = text_of(client, "advice");
        if (advice.empty() && late == 0) {
            ++fine;
            continue;
        }
        out.push_back({"client", late > 0 ? Health::warn : Health::ok,
                       fmt::format("{} {}: {} messages, {} late, jitter {:.1f} ms",
                                   text_of(client, "peer"), text_of(client, "transport"),
                                   number_of(client, "messages"), late, jitter_ms),
                       advice});
    }
    if (fine > 0)
        out.push_back({"clients", Health::ok,
                       fmt::format("{} in time", counted(static_cast<double>(fine), "client"))});
}

} // namespace

Checks daemon_checks(const Told &told) {
    Checks out;
    for (const auto check : {check_device, check_load, check_blocks, check_grants, check_clock,
                             check_drops, check_queue, check_store, check_sound, check_clients})
        check(told, out);
    return out;
}

} // namespace chronus::ctl
