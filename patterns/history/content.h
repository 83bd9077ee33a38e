#pragma once

#include "engine/result.h"
#include "patterns/text/codec.h"

#include <string>
#include <string_view>

namespace chronus::patterns {

/// A pattern as the one text that is hashed and kept: canonical JSON of all a player's doing. When
/// it was made, where it had come to and how many voices the engine had are no part of it.
///
/// Equal patterns have equal texts. Thread: any.
std::string content_text(const Document &document);

/// The pattern again. Errors: corrupt, too_new, too_big - as `decode`.
Result<Document> document_of_content(std::string_view text);

} // namespace chronus::patterns
