#include "osc/context.h"
#include "osc/verbs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

namespace chronus::osc {

namespace {

Result<Reply> replies(Context &context, Args args) {
    const std::int64_t policy = int_at(args, 0);
    if (policy < 0 || policy > 2)
        return Error{Errc::out_of_range, fmt::format("policy {}: not in 0..2", policy),
                     fmt::format("/client/replies {}", policy < 0 ? 0 : 2)};
    if (!context.trial)
        context.clients.heard(context.caller.peer, context.now_ns()).replies =
            static_cast<int>(policy);
    return Reply{policy == 0   ? "nothing will be answered"
                 : policy == 1 ? "commands and errors are answered, moved controls are not"
                               : "everything is answered"};
}

Result<Reply> name(Context &context, Args args) {
    constexpr std::size_t kLongest = 64;
    const std::string name = text_at(args, 0);
    const auto hidden = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; };
    if (name.empty() || name.size() > kLongest || std::ranges::any_of(name, hidden))
        return Error{Errc::out_of_range,
                     fmt::format("name of {} bytes: 1..{} are asked for, all of them to be read",
                                 name.size(), kLongest),
                     "/client/name \"left hand\""};
    if (!context.trial) context.clients.heard(context.caller.peer, context.now_ns()).name = name;
    return Reply{fmt::format("the history calls you {}", name), {name}};
}

Result<Reply> auth(Context &context, Args args) {
    const auto role = context.access.authenticate(context.caller.peer, text_at(args, 0),
                                                  context.now_ns() / 1'000'000);
    if (!role) return role.error();
    return Reply{fmt::format("you may {}", name_of(*role)), {std::string{name_of(*role)}}};
}

constexpr std::array kVerbs{
    Verb{"/auth", "s:token",
         "What other machines say first: a token of the daemon's file of tokens, which gives a "
         "role - observe, perform or admin.",
         "/auth 0123456789abcdef", auth},
    Verb{"/client/name", "s:name",
         "What the history calls the sender. Programs that play by themselves begin theirs with "
         "\"agent\".",
         "/client/name \"left hand\"", name},
    Verb{"/client/replies", "i:policy",
         "What the sender is answered: 0 nothing, 1 commands and errors (the default), 2 moved "
         "controls too.",
         "/client/replies 2", replies},
};

} // namespace

std::span<const Verb> client_verbs() { return kVerbs; }

} // namespace chronus::osc
