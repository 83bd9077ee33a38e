#pragma once

#include "patterns/store/slot_files.h"

namespace chronus::patterns {

/// The `InspectSlot` of the slots this program keeps: their text is `codec.h`'s.
Result<SlotSummary> inspect_slot(std::string_view bytes);

} // namespace chronus::patterns
