//! What is counted, and in which unit it has a price.

/// What is counted and charged.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Meter {
    /// Tokens of the prompt that nothing else counts.
    Input,
    /// Tokens of the prompt that were read from a cache.
    CacheRead,
    /// Tokens of the prompt that were written to a cache of five minutes, or of the vendor's length.
    CacheWrite,
    /// Tokens of the prompt that were written to a cache of an hour.
    CacheWrite1h,
    /// Tokens of the completion that nothing else counts.
    Output,
    /// Tokens of the completion that were thought.
    Reasoning,
    /// Tokens of audio in the prompt.
    AudioInput,
    /// Tokens of audio in the prompt that were read from a cache.
    AudioCacheRead,
    /// Tokens of audio in the completion.
    AudioOutput,
    /// Tokens of images in the prompt.
    ImageInput,
    /// Tokens of images in the prompt that were read from a cache.
    ImageCacheRead,
    /// Tokens of images in the completion.
    ImageOutput,
    /// Characters of text that are spoken.
    Characters,
    /// Time of audio that is written down, in milliseconds.
    AudioTime,
    /// Time of video that is made, in milliseconds.
    VideoTime,
    /// Images that are made.
    Images,
    /// Requests.
    Requests,
    /// Searches of the web, or units of a reranker's search.
    Searches,
    /// Searches of files.
    FileSearches,
    /// Searches of maps.
    MapSearches,
    /// Runs of code.
    CodeRuns,
}

/// In which unit a price is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unit {
    /// Dollars for a million of them.
    Million,
    /// Dollars for one of them.
    One,
    /// Dollars for a minute; milliseconds are counted.
    Minute,
    /// Dollars for a second; milliseconds are counted.
    Second,
}

impl Unit {
    /// What a price in dollars is multiplied by to make it a rate.
    pub const fn factor(self) -> u64 {
        match self {
            Self::Million => NANO,
            Self::One => 1_000_000 * NANO,
            Self::Minute => 60_000 * NANO,
            Self::Second => 3_600_000 * NANO,
        }
    }

    /// How many of what is counted a rate is for.
    pub const fn count(self) -> u64 {
        match self {
            Self::Million | Self::One => 1_000_000,
            // A thousand hours: a price for an hour, a minute or a second is a whole number then.
            Self::Minute | Self::Second => THOUSAND_HOURS,
        }
    }
}

/// Nano-dollars in a dollar.
const NANO: u64 = 1_000_000_000;
/// In milliseconds.
pub const THOUSAND_HOURS: u64 = 3_600_000_000;

impl Meter {
    /// Every meter, by the number that it has in the table.
    pub const ALL: [Self; 21] = [
        Self::Input,
        Self::CacheRead,
        Self::CacheWrite,
        Self::CacheWrite1h,
        Self::Output,
        Self::Reasoning,
        Self::AudioInput,
        Self::AudioCacheRead,
        Self::AudioOutput,
        Self::ImageInput,
        Self::ImageCacheRead,
        Self::ImageOutput,
        Self::Characters,
        Self::AudioTime,
        Self::VideoTime,
        Self::Images,
        Self::Requests,
        Self::Searches,
        Self::FileSearches,
        Self::MapSearches,
        Self::CodeRuns,
    ];

    /// What a price for it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::CacheRead => "cache_read",
            Self::CacheWrite => "cache_write",
            Self::CacheWrite1h => "cache_write_1h",
            Self::Output => "output",
            Self::Reasoning => "reasoning",
            Self::AudioInput => "audio_input",
            Self::AudioCacheRead => "audio_cache_read",
            Self::AudioOutput => "audio_output",
            Self::ImageInput => "image_input",
            Self::ImageCacheRead => "image_cache_read",
            Self::ImageOutput => "image_output",
            Self::Characters => "characters",
            Self::AudioTime => "audio_minute",
            Self::VideoTime => "video_second",
            Self::Images => "image",
            Self::Requests => "request",
            Self::Searches => "search",
            Self::FileSearches => "file_search",
            Self::MapSearches => "map_search",
            Self::CodeRuns => "code_run",
        }
    }

    /// The unit that its prices are written in.
    pub const fn unit(self) -> Unit {
        match self {
            Self::Input
            | Self::CacheRead
            | Self::CacheWrite
            | Self::CacheWrite1h
            | Self::Output
            | Self::Reasoning
            | Self::AudioInput
            | Self::AudioCacheRead
            | Self::AudioOutput
            | Self::ImageInput
            | Self::ImageCacheRead
            | Self::ImageOutput
            | Self::Characters => Unit::Million,
            Self::AudioTime => Unit::Minute,
            Self::VideoTime => Unit::Second,
            Self::Images
            | Self::Requests
            | Self::Searches
            | Self::FileSearches
            | Self::MapSearches
            | Self::CodeRuns => Unit::One,
        }
    }

    /// The meter of this name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|meter| meter.name() == name)
    }

    /// Its number in the table.
    pub fn number(self) -> u8 {
        let place = Self::ALL.iter().position(|meter| *meter == self).unwrap_or_default();
        u8::try_from(place).unwrap_or_default()
    }
}

/// How soon, and how surely, a vendor answers for how much.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Tier {
    /// As asked.
    #[default]
    Standard,
    /// Within a day.
    Batch,
    /// When there is room.
    Flex,
    /// Before others.
    Priority,
    /// By a faster machine.
    Fast,
}

impl Tier {
    /// Every tier, by the number that it has in the table.
    pub const ALL: [Self; 5] =
        [Self::Standard, Self::Batch, Self::Flex, Self::Priority, Self::Fast];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Batch => "batch",
            Self::Flex => "flex",
            Self::Priority => "priority",
            Self::Fast => "fast",
        }
    }

    /// The tier of this name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.name() == name)
    }

    /// Its number in the table.
    pub fn number(self) -> u8 {
        let place = Self::ALL.iter().position(|tier| *tier == self).unwrap_or_default();
        u8::try_from(place).unwrap_or_default()
    }
}
