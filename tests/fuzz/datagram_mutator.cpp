// Changes conversations as players would, and packets as no player could: bytes alone would seldom
// make a sound message of another.
#include "engine/model/params.h"
#include "osc/packet.h"
#include "osc/typed.h"
#include "osc/verbs.h"
#include "tests/fuzz/datagrams.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t *data, std::size_t size, std::size_t max);

namespace {

using namespace chronus;
using osc::Message;
using osc::Value;
using test::Datagram;

constexpr std::size_t kMostDatagrams = 32;

/// Words that mean something to some command, each between two '|'; the last is none.
constexpr std::string_view kWords =
    "|kick|bass|a b|voice1|voice8|voice9|X...x...|[X.x.]*4|E(5,16,2)|x~_ x>12 x<7|"
    "x{cutoff=800,res=.7}|x*3 x?40 x%2:4 x!|C4,E4+G4,r|60 62 64|41.2|gate_frac|pan|len|div|prob|"
    "seed|mute|solo|pattern|notes|amp|base_freq|filter_freq|pan=-1|div=1/3|len=7|off|beat|bar|now|"
    "step+1|beat+2|bar+1|bar:2|immediate|/mod/voice1|/mod/*/freq|/mod/voice[1-3]/pan|/gate/*|"
    "/seq/*|//freq|/*|none|voice1/filter/freq|saw|on|json|#1|take.wav|nan|";
constexpr std::array<double, 16> kNumbers{0,   1,   -1,  2,    0.5,   7,   64,         120,
                                          128, 129, 300, 1e-9, 440.5, 2e4, 2147483647, -1e18};

class Mutator {
public:
    explicit Mutator(unsigned seed) : random_(seed) {}

    void change(std::vector<Datagram> &all) {
        if (all.empty() || (below(3) == 0 && all.size() < kMostDatagrams)) {
            all.insert(all.begin() + index(all.size() + 1), {any_head(), any_packet()});
            return;
        }
        const auto at = all.begin() + index(all.size());
        switch (below(9)) {
        case 0:
            all.erase(at);
            break;
        case 1:
            if (all.size() < kMostDatagrams)
                all.insert(all.begin() + index(all.size()), Datagram{*at});
            break;
        case 2:
            std::swap(*at, all[below(all.size())]);
            break;
        case 3:
            at->head = any_head();
            break;
        case 4:
            mutate_bytes(at->bytes);
            break;
        case 5:
            if (at + 1 != all.end()) join(all, at);
            break;
        default:
            change_message(at->bytes);
        }
    }

    std::size_t below(std::size_t end) { return random_() % end; }

private:
    std::ptrdiff_t index(std::size_t end) { return static_cast<std::ptrdiff_t>(below(end)); }
    std::string_view word() {
        const std::string_view from = kWords.substr(kWords.rfind('|', below(kWords.size())) + 1);
        return from.substr(0, from.find('|'));
    }
    std::uint8_t any_head() {
        const std::size_t sender = below(4) == 0 ? below(4) : 0;
        return static_cast<std::uint8_t>(sender << 3 | below(8));
    }

    Value any_value() {
        const double number = kNumbers[below(kNumbers.size())];
        switch (below(12)) {
        case 0:
        case 1:
            return static_cast<std::int32_t>(below(2) == 0 ? below(130) : 1);
        case 2:
        case 3:
            return static_cast<float>(number);
        case 4:
            return number;
        case 5:
            return static_cast<std::int64_t>(number);
        case 6:
            return below(2) == 0;
        case 7:
            return osc::Nil{};
        case 8:
            return below(2) == 0 ? Value{osc::Blob(below(9))} : Value{osc::TimeTag{random_()}};
        default:
            return std::string{word()};
        }
    }

    Message any_message() {
        const auto verbs = osc::all_verbs();
        const std::size_t which = below(verbs.size() + verbs.size() / 2);
        if (which < verbs.size()) return osc::message_typed(verbs[which]->example);
        const ParamId id{static_cast<std::uint16_t>(below(kParamCount))};
        switch (below(4)) {
        case 0:
            return {fmt::format("/gate/voice{}", 1 + below(9)),
                    {static_cast<std::int32_t>(below(2))}};
        case 1:
            return {"/mod/*/" + std::string{below(2) == 0 ? "freq" : "mix"}, {any_value()}};
        default:
            return {fmt::format("/mod/{}", path_of(id).view()), {any_value()}};
        }
    }

    std::vector<std::byte> any_packet() {
        if (below(4) != 0) return osc::encode(any_message());
        std::vector<Message> messages;
        for (std::size_t n = below(5); n < 5; ++n) messages.push_back(any_message());
        return osc::encode_bundle({any_tag()}, messages);
    }

    /// Now, or so many frames after the packet, as the target takes small tags.
    std::uint64_t any_tag() { return below(3) == 0 ? 2 + below(100'000) : 1; }

    void change_message(std::vector<std::byte> &bytes) {
        auto timed = osc::decode(bytes, osc::kDatagramLimits);
        if (!timed || timed->empty()) return;
        std::vector<Message> messages;
        for (auto &each : *timed) messages.push_back(std::move(each.message));
        change(messages[below(messages.size())]);
        const bool bundle = timed->size() > 1 || timed->front().timetag != 1 || below(8) == 0;
        bytes = bundle ? osc::encode_bundle({below(4) == 0 ? any_tag() : timed->front().timetag},
                                            messages)
                       : osc::encode(messages.front());
    }

    void change(Message &message) {
        auto &args = message.args;
        switch (below(8)) {
        case 0:
            args.insert(args.begin() + index(args.size() + 1), any_value());
            break;
        case 1:
            if (!args.empty()) args.erase(args.begin() + index(args.size()));
            break;
        case 2:
            wrap(message, "/req", fmt::format("{}", below(4)));
            break;
        case 3:
            wrap(message, "/at", std::string{word()});
            break;
        case 4:
            change_text(message.address);
            break;
        default:
            if (args.empty()) break;
            Value &value = args[below(args.size())];
            if (auto *text = std::get_if<std::string>(&value); text != nullptr && below(2) == 0)
                change_text(*text);
            else
                value = any_value();
        }
    }

    void change_text(std::string &text) {
        if (below(3) == 0) text.insert(below(text.size() + 1), word());
        std::vector<std::byte> bytes;
        for (const char c : text) bytes.push_back(std::byte(c));
        mutate_bytes(bytes);
        text.clear();
        for (const std::byte b : bytes)
            if (b != std::byte{0}) text += static_cast<char>(b);
    }

    static void wrap(Message &message, std::string_view with, std::string word) {
        std::vector<Value> args{std::move(word), message.address};
        std::ranges::move(message.args, std::back_inserter(args));
        message = {std::string{with}, std::move(args)};
    }

    /// Two packets into one bundle.
    void join(std::vector<Datagram> &all, std::vector<Datagram>::iterator at) {
        std::vector<Message> messages;
        for (const auto &datagram : {*at, *(at + 1)}) {
            auto timed = osc::decode(datagram.bytes, osc::kDatagramLimits);
            if (!timed) return;
            for (auto &each : *timed) messages.push_back(std::move(each.message));
        }
        at->bytes = osc::encode_bundle({any_tag()}, messages);
        all.erase(at + 1);
    }

    static void mutate_bytes(std::vector<std::byte> &bytes) {
        const std::size_t size = bytes.size();
        bytes.resize(size + 32);
        bytes.resize(
            LLVMFuzzerMutate(reinterpret_cast<std::uint8_t *>(bytes.data()), size, bytes.size()));
    }

    std::mt19937 random_;
};

} // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t *data, std::size_t size,
                                               std::size_t max, unsigned seed) {
    Mutator mutator{seed};
    auto datagrams = test::datagrams_in({data, size});
    for (std::size_t n = mutator.below(3); n < 3; ++n) mutator.change(datagrams);
    const auto bytes = test::written(datagrams);
    const std::size_t kept = std::min(bytes.size(), max);
    std::copy_n(bytes.begin(), kept, data);
    return kept;
}
