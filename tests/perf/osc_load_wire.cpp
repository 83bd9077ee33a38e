#include "tests/perf/osc_load_wire.h"

#include "engine/model/params.h"
#include "osc/packet.h"
#include "tests/perf/osc_load_daemon.h"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <netinet/udp.h>
#include <stdexcept>
#include <unistd.h>

namespace chronus::perf {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kSlice = 1'000'000;

void put_big_endian(std::byte *at, std::uint32_t bits) {
    for (int shift = 24; shift >= 0; shift -= 8) *at++ = static_cast<std::byte>(bits >> shift);
}

void sleep_until(std::int64_t at_ns) {
    const timespec at{at_ns / kSecond, at_ns % kSecond};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr) == EINTR) {
    }
}

} // namespace

std::int64_t now_ns() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * kSecond + now.tv_nsec;
}

void spin_until(std::int64_t at_ns) {
    if (at_ns - now_ns() > 2'000'000) sleep_until(at_ns - 1'000'000);
    while (now_ns() < at_ns) {
    }
}

Wire::Wire(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (fd_ < 0 || ::connect(fd_, reinterpret_cast<sockaddr *>(&to), sizeof to) != 0)
        throw std::runtime_error(fmt::format("port {}: {}", port, std::strerror(errno)));
}

std::string Wire::name() const {
    sockaddr_in here{};
    socklen_t size = sizeof here;
    ::getsockname(fd_, reinterpret_cast<sockaddr *>(&here), &size);
    return fmt::format("127.0.0.1:{}", ntohs(here.sin_port));
}

Wire::~Wire() { ::close(fd_); }

void Wire::send(std::span<const std::byte> packet) const {
    (void)::send(fd_, packet.data(), packet.size(), 0);
}

std::size_t Wire::receive(std::span<std::byte> buffer) const {
    const ssize_t size = ::recv(fd_, buffer.data(), buffer.size(), 0);
    return size < 0 ? 0 : static_cast<std::size_t>(size);
}

void Wire::drain() const {
    std::array<std::byte, 64> ignored;
    while (::recv(fd_, ignored.data(), ignored.size(), MSG_DONTWAIT) >= 0) {
    }
}

Packet &Batch::next() { return packets_[size_++]; }

/// How many of one size stand there; what one datagram of the kernel's holds at most.
std::size_t Batch::run_from(std::size_t first) const {
    const std::size_t size = packets_[first].size();
    if (size == 0) return 1;
    const std::size_t most = std::min({std::size_t{64}, 60'000 / size, size_ - first});
    std::size_t count = 1;
    while (count < most && packets_[first + count].size() == size) ++count;
    return count;
}

void Batch::put(std::size_t index, std::size_t first, std::size_t count) {
    msghdr &header = headers_[index].msg_hdr;
    header = {};
    header.msg_iov = &parts_[first];
    header.msg_iovlen = count;
    if (count == 1) return;
    const auto size = static_cast<std::uint16_t>(packets_[first].size());
    header.msg_control = segments_[index].bytes;
    header.msg_controllen = sizeof segments_[index].bytes;
    cmsghdr *const word = CMSG_FIRSTHDR(&header);
    word->cmsg_level = SOL_UDP;
    word->cmsg_type = UDP_SEGMENT;
    word->cmsg_len = CMSG_LEN(sizeof size);
    std::memcpy(CMSG_DATA(word), &size, sizeof size);
}

void Batch::send(const Wire &wire) {
    unsigned count = 0;
    for (std::size_t i = 0, run = 0; i < size_; i += run) {
        run = run_from(i);
        for (std::size_t n = i; n < i + run; ++n)
            parts_[n] = {packets_[n].data(), packets_[n].size()};
        put(count++, i, run);
    }
    for (unsigned gone = 0; gone < count;) {
        const int n = ::sendmmsg(wire.fd(), &headers_[gone], count - gone, 0);
        if (n < 0 && errno != EINTR && errno != ENOBUFS)
            throw std::runtime_error(fmt::format("sending: {}", std::strerror(errno)));
        if (n > 0) gone += static_cast<unsigned>(n);
    }
    size_ = 0;
}

Sent send_paced(const Wire &wire, Pacing pacing, const std::function<void(Packet &)> &fill) {
    Batch batch;
    Sent sent;
    const std::int64_t begin = now_ns();
    const auto slices = static_cast<std::int64_t>(pacing.seconds * 1000);
    for (std::int64_t slice = 1; slice <= slices; ++slice) {
        const auto due =
            static_cast<std::uint64_t>(pacing.a_second * static_cast<double>(slice) / 1000);
        for (; sent.packets < due; ++sent.packets) {
            fill(batch.next());
            if (batch.size() == Batch::kMost) batch.send(wire);
        }
        batch.send(wire);
        wire.drain();
        sleep_until(begin + slice * kSlice);
    }
    sent.seconds = static_cast<double>(now_ns() - begin) / kSecond;
    return sent;
}

void Nuisance::operator()(Packet &out) {
    static const Packet kGood = osc::encode({"/mod/voice8/filter/freq", {0.0f}});
    if (++count_ % 2 == 0) {
        out.assign(kGood.begin(), kGood.end());
        const float hz = 100.0f + static_cast<float>(count_ % 10'000);
        put_big_endian(out.data() + out.size() - 4, std::bit_cast<std::uint32_t>(hz));
    } else {
        out.resize(4 + dice_() % 60);
        for (std::byte &byte : out) byte = static_cast<std::byte>(dice_());
    }
}

Movements::Movements() {
    constexpr std::array kPaths{"amp",       "pan",         "filter/freq", "filter/q",
                                "osc/width", "send/reverb", "send/delay",  "drive"};
    for (const char *path : kPaths)
        for (int voice = 1; voice <= 8; ++voice) {
            const std::string name = fmt::format("voice{}/{}", voice, path);
            const ParamSpec &spec = spec_of(find_param(name).value());
            const std::string address = "/mod/" + name;
            all_.push_back(
                {address, osc::encode({address, {0.0f}}), spec.min, spec.max - spec.min});
        }
}

Movements::Moved &Movements::move_next() {
    Moved &next = all_[count_ % all_.size()];
    const std::uint64_t turn = ++count_ / all_.size();
    next.last = next.low + next.reach * static_cast<float>(turn * 37 % 1000) / 1000;
    next.moved = true;
    put_big_endian(next.packet.data() + next.packet.size() - 4,
                   std::bit_cast<std::uint32_t>(next.last));
    return next;
}

void Movements::message(Packet &out) {
    const Packet &packet = move_next().packet;
    out.assign(packet.begin(), packet.end());
}

void Movements::bundle(Packet &out, std::size_t messages) {
    static const Packet kHead = osc::encode_bundle({1}, {});
    out.assign(kHead.begin(), kHead.end());
    for (std::size_t i = 0; i < messages; ++i) {
        const Packet &packet = move_next().packet;
        out.resize(out.size() + 4);
        put_big_endian(&out[out.size() - 4], static_cast<std::uint32_t>(packet.size()));
        out.insert(out.end(), packet.begin(), packet.end());
    }
}

std::size_t Movements::wrong(osc::Client &client) const {
    std::size_t count = 0;
    for (const Moved &moved : all_) {
        if (!moved.moved) continue;
        const osc::Message answer = asked(client, {moved.address}, 30s);
        count += answer.args.empty() || answer.args[0] != osc::Value{moved.last};
    }
    return count;
}

} // namespace chronus::perf
