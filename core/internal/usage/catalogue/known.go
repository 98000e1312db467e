package catalogue

// homeTypes are what people do with a home's portal.
var homeTypes = []*Type{
	{Name: "ai.openhouse.session.started", Meaning: "A homeowner opened the portal.", Fields: []Field{
		{Name: "device", Kind: Text, Values: []string{"mobile", "tablet", "desktop", "other"}, Meaning: "What they hold in their hands.", Example: "mobile"},
		{Name: "language", Kind: Text, Length: 35, Meaning: "The language of the portal, as in BCP 47.", Example: "en-IE"},
	}},
	{Name: "ai.openhouse.page.viewed", Meaning: "A page of the portal was shown.", Fields: []Field{
		{Name: "page", Kind: Text, Required: true, Meaning: "The page's route, without what names a person.", Example: "/documents/{id}"},
		countField, {Name: "duration_ms", Kind: Measure, Meaning: "How long it was looked at, in milliseconds."},
	}},
	{Name: "ai.openhouse.qr.scanned", Meaning: "A person opened the page behind a unit's code.", Fields: []Field{
		{Name: "user_agent", Kind: Text, Length: 300, Meaning: "The browser, as it names itself.", Example: "Mozilla/5.0 (iPhone)"},
	}},
	{Name: "ai.openhouse.document.viewed", Meaning: "A document was opened in the portal.", Fields: []Field{
		documentField, {Name: "pages", Kind: Count, Meaning: "How many pages of it were shown.", Example: 3},
	}},
	{Name: "ai.openhouse.document.downloaded", Meaning: "A document was saved from the portal.", Fields: []Field{
		documentField, {Name: "bytes", Kind: Count, Meaning: "Its size, in bytes.", Example: 482113},
	}},
	{Name: "ai.openhouse.feedback.given", Meaning: "A homeowner rated an answer or the portal.", Fields: []Field{
		{Name: "rating", Kind: Count, Required: true, Min: 1, Max: 5, Meaning: "From 1, worst, to 5, best; a thumb is 1 or 5.", Example: 4},
		{Name: "recommend", Kind: Count, Max: 10, Meaning: "How likely they are to recommend the home, from 0 to 10."},
		{Name: "about", Kind: Text, Meaning: "What was rated: answer, portal, handover …", Example: "answer"},
	}},
}

// assistantTypes are what the assistant and its models do.
var assistantTypes = []*Type{
	{Name: "ai.openhouse.chat.sent", Meaning: "A homeowner sent a question to the assistant.", Fields: []Field{
		{Name: "conversation", Kind: Text, Meaning: "Which conversation it belongs to.", Example: "c-7f3a"},
		{Name: "channel", Kind: Text, Meaning: "Where it was asked: portal, whatsapp …", Example: "portal"},
		{Name: "characters", Kind: Count, Meaning: "How long the question is; never the question itself.", Example: 84},
	}},
	{Name: "ai.openhouse.llm.called", Meaning: "A language model was asked once.", Fields: []Field{
		providerField, modelField,
		{Name: "prompt_tokens", Kind: Count, Required: true, Meaning: "All tokens that went in, cached and cache-write ones included.", Example: 1830},
		{Name: "cached_tokens", Kind: Count, Meaning: "Those read from the provider's cache.", Example: 1024},
		{Name: "cache_write_tokens", Kind: Count, Meaning: "Those written to the provider's cache.", Example: 0},
		{Name: "completion_tokens", Kind: Count, Required: true, Meaning: "All tokens that came out, reasoning ones included.", Example: 212},
		{Name: "reasoning_tokens", Kind: Count, Meaning: "Those that the model thought with.", Example: 64},
		{Name: "service_tier", Kind: Text, Meaning: "As the provider's answer says: default, batch, flex, priority …", Example: "default"},
		{Name: "regional", Kind: Flag, Meaning: "Whether it was processed in one region at the provider's surcharge."},
		statusField, latencyField,
	}, sums: []sum{
		{"prompt_tokens", []string{"cached_tokens", "cache_write_tokens"}},
		{"completion_tokens", []string{"reasoning_tokens"}},
	}},
	{Name: "ai.openhouse.embedding.created", Meaning: "A text was turned into vectors outside an indexing run.", Fields: []Field{
		providerField, {Name: "model", Kind: Text, Required: true, Meaning: modelField.Meaning, Example: "text-embedding-3-small"},
		{Name: "tokens", Kind: Count, Required: true, Meaning: "Tokens that went in.", Example: 17},
		statusField, latencyField,
	}},
	{Name: "ai.openhouse.rag.indexed", Meaning: "Documents were indexed for retrieval; their tokens are not reported again as embedding.created.", Fields: []Field{
		providerField, {Name: "model", Kind: Text, Required: true, Meaning: modelField.Meaning, Example: "text-embedding-3-small"},
		{Name: "tokens", Kind: Count, Required: true, Meaning: "Tokens of the whole indexing run.", Example: 51200},
		{Name: "chunks", Kind: Count, Meaning: "Pieces that were indexed.", Example: 118},
		{Name: "documents", Kind: Count, Meaning: "Documents that they came from.", Example: 2},
		{Name: "duration_ms", Kind: Measure, Meaning: "How long the run took, in milliseconds."},
	}},
	{Name: "ai.openhouse.document.ingested", Meaning: "A document was read into the portal.", Fields: []Field{
		documentField,
		{Name: "bytes", Kind: Count, Meaning: "Its size, in bytes.", Example: 482113},
		{Name: "pages", Kind: Count, Meaning: "Its pages.", Example: 24},
		statusField,
	}},
}

// mapTypes are what is asked of Google Maps Platform.
var mapTypes = []*Type{
	{Name: "ai.openhouse.map.loaded", Meaning: "A map was loaded.", Fields: []Field{
		{Name: "kind", Kind: Text, Required: true, Values: []string{"dynamic", "static", "tiles", "embed", "sdk"}, Meaning: "Which product it is.", Example: "dynamic"},
		countField,
	}},
	{Name: "ai.openhouse.geocode.requested", Meaning: "An address or a place on the map was looked up.", Fields: []Field{
		{Name: "status", Kind: Text, Required: true, Values: []string{"OK", "ZERO_RESULTS", "OVER_QUERY_LIMIT", "OVER_DAILY_LIMIT", "REQUEST_DENIED", "INVALID_REQUEST", "UNKNOWN_ERROR"},
			Meaning: "As Google answered.", Example: "OK"},
		countField, latencyField,
	}},
	{Name: "ai.openhouse.place.requested", Meaning: "A place was searched for or asked about.", Fields: []Field{
		{Name: "kind", Kind: Text, Required: true, Values: []string{
			"autocomplete", "autocomplete_session", "details_essentials", "details_pro", "details_enterprise", "details_ids",
			"text_search_pro", "text_search_ids", "nearby_pro", "nearby_enterprise", "nearby_atmosphere", "photo",
		}, Meaning: "Which product, at the dearest of the fields that were asked for.", Example: "autocomplete"},
		{Name: "status", Kind: Text, Required: true, Values: []string{"OK", "ZERO_RESULTS", "NOT_FOUND", "OVER_QUERY_LIMIT", "REQUEST_DENIED", "INVALID_REQUEST", "UNKNOWN_ERROR"},
			Meaning: "As Google answered, in the words of the older interface.", Example: "OK"},
		countField, latencyField,
	}},
}

// platformTypes are what a portal's servers do.
var platformTypes = []*Type{
	{Name: "ai.openhouse.http.served", Meaning: "A portal's server answered a request.", Fields: []Field{
		{Name: "route", Kind: Text, Required: true, Meaning: "The route's pattern, without what names a person.", Example: "/api/units/{id}"},
		{Name: "method", Kind: Text, Required: true, Values: []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "QUERY"},
			Meaning: "The method.", Example: "GET"},
		{Name: "status", Kind: Count, Required: true, Min: 100, Max: 599, Meaning: "The status of the answer.", Example: 200},
		{Name: "latency_ms", Kind: Measure, Required: true, Meaning: latencyField.Meaning, Example: 41.7},
	}},
	{Name: "ai.openhouse.storage.measured", Meaning: "What is stored was measured, usually once a day.", Fields: []Field{
		{Name: "store", Kind: Text, Required: true, Values: []string{"documents", "vectors", "database", "media", "backups", "logs"}, Meaning: "What was measured.", Example: "documents"},
		{Name: "bytes", Kind: Count, Required: true, Meaning: "How much is in it now, in bytes.", Example: 1288490188},
	}},
	{Name: "ai.openhouse.bandwidth.measured", Meaning: "Traffic since the reading before was measured.", Fields: []Field{
		{Name: "direction", Kind: Text, Required: true, Values: []string{"in", "out"}, Meaning: "Out is what leaves the servers.", Example: "out"},
		{Name: "bytes", Kind: Count, Required: true, Meaning: "How much it was, in bytes.", Example: 73400320},
	}},
}

// Fields that several types have.
var (
	providerField = Field{Name: "provider", Kind: Text, Required: true, Meaning: "Who runs the model, as OpenTelemetry names it: openai, azure.ai.openai, anthropic …", Example: "openai"}
	modelField    = Field{Name: "model", Kind: Text, Required: true, Meaning: "The model that answered, as the provider names it.", Example: "gpt-5-mini"}
	documentField = Field{Name: "document", Kind: Text, Required: true, Meaning: "Which document, by an id that names no person.", Example: "doc-2041"}
	countField    = Field{Name: "count", Kind: Count, Min: 1, Meaning: "How many times; 1 unless said."}
	statusField   = Field{Name: "status", Kind: Text, Meaning: "How it ended: ok, as it did unless said, or the kind of failure.", Example: "ok"}
	latencyField  = Field{Name: "latency_ms", Kind: Measure, Meaning: "How long it took, in milliseconds.", Example: 640}
)
