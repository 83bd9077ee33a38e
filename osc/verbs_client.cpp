#include "osc/context.h"
#include "osc/verbs.h"

#include <fmt/format.h>

#include <array>

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
    Verb{"/client/replies", "i:policy",
         "What the sender is answered: 0 nothing, 1 commands and errors (the default), 2 moved "
         "controls too.",
         "/client/replies 2", replies},
};

} // namespace

std::span<const Verb> client_verbs() { return kVerbs; }

} // namespace chronus::osc
