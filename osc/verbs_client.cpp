#include "osc/context.h"
#include "osc/verbs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace chronus::osc {

namespace {

/// Every run of a shell tool is a client of its own: the oldest stories are not worth the memory.
constexpr std::size_t kMostClients = 256;

void forget_longest_unheard(Context &context) {
    const auto oldest = std::ranges::min_element(
        context.clients, {}, [](const auto &client) { return client.second.heard_ms; });
    context.clients.erase(oldest);
}

Result<Reply> replies(Context &context, Args args) {
    const std::int64_t policy = int_at(args, 0);
    if (policy < 0 || policy > 2)
        return Error{Errc::out_of_range, fmt::format("policy {}: not in 0..2", policy),
                     fmt::format("/client/replies {}", policy < 0 ? 0 : 2)};
    if (context.clients.size() >= kMostClients) forget_longest_unheard(context);
    context.clients[context.caller.peer] = {static_cast<int>(policy), context.now_ms()};
    return Reply{policy == 0   ? "nothing will be answered"
                 : policy == 1 ? "commands and errors are answered, moved controls are not"
                               : "everything is answered"};
}

constexpr std::array kVerbs{
    Verb{"/client/replies", "i:policy",
         "What the sender is answered: 0 nothing, 1 commands and errors (the default), 2 moved "
         "controls too.",
         "/client/replies 2", replies},
};

} // namespace

std::span<const Verb> client_verbs() { return kVerbs; }

} // namespace chronus::osc
