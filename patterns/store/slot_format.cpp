#include "patterns/store/slot_format.h"

#include "patterns/text/codec.h"

namespace chronus::patterns {

Result<SlotSummary> inspect_slot(std::string_view bytes) {
    auto head = summary(bytes);
    if (!head) return head.error();
    return SlotSummary{std::move(head->name), static_cast<std::int64_t>(head->timestamp * 1000),
                       std::move(head->content)};
}

} // namespace chronus::patterns
