//! Durations, times and UUIDs.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::data::{Data, Size};
use super::mismatch::Mismatch;
use super::reader::Reader;
use super::value::ValueType;
use super::writer::Writer;
use crate::__value_of_data;

const SECONDS: usize = size_of::<u64>();
const NANOS: usize = size_of::<u32>();
const NANOS_A_SECOND: u32 = 1_000_000_000;

fn read_nanos(from: &mut Reader<'_>) -> Result<u32, Mismatch> {
    match u32::from_le_bytes(from.array()?) {
        nanos @ 0..NANOS_A_SECOND => Ok(nanos),
        nanos => Err(Mismatch::new(format!(
            "{nanos} nanoseconds, which is a second or more"
        ))),
    }
}

impl Data for Duration {
    const SHAPE: ValueType = ValueType::Plain("duration");
    const SIZE: Size = Size::exact(SECONDS + NANOS);

    #[inline]
    fn encoded_size(&self) -> usize {
        SECONDS + NANOS
    }

    #[inline]
    fn encode(&self, to: &mut Writer<'_>) {
        to.put(self.as_secs().to_le_bytes());
        to.put(self.subsec_nanos().to_le_bytes());
    }

    #[inline]
    fn decode(from: &mut Reader<'_>) -> Result<Self, Mismatch> {
        let seconds = u64::from_le_bytes(from.array()?);
        Ok(Duration::new(seconds, read_nanos(from)?))
    }
}

__value_of_data!(Duration);

/// The seconds since 1970, downwards rounded, and the nanoseconds since that second.
fn since_epoch(time: SystemTime) -> (i64, u32) {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => {
            let seconds = i64::try_from(after.as_secs()).unwrap_or(i64::MAX);
            (seconds, after.subsec_nanos())
        }
        Err(earlier) => {
            let before = earlier.duration();
            let seconds = 0_i64.saturating_sub_unsigned(before.as_secs());
            match before.subsec_nanos() {
                0 => (seconds, 0),
                nanos => (seconds.saturating_sub(1), NANOS_A_SECOND - nanos),
            }
        }
    }
}

impl Data for SystemTime {
    const SHAPE: ValueType = ValueType::Plain("time");
    const SIZE: Size = Size::exact(SECONDS + NANOS);

    #[inline]
    fn encoded_size(&self) -> usize {
        SECONDS + NANOS
    }

    #[inline]
    fn encode(&self, to: &mut Writer<'_>) {
        let (seconds, nanos) = since_epoch(*self);
        to.put(seconds.to_le_bytes());
        to.put(nanos.to_le_bytes());
    }

    #[inline]
    fn decode(from: &mut Reader<'_>) -> Result<Self, Mismatch> {
        let seconds = i64::from_le_bytes(from.array()?);
        let nanos = Duration::from_nanos(read_nanos(from)?.into());
        let whole = Duration::from_secs(seconds.unsigned_abs());
        let second = match seconds < 0 {
            true => UNIX_EPOCH.checked_sub(whole),
            false => UNIX_EPOCH.checked_add(whole),
        };
        second
            .and_then(|second| second.checked_add(nanos))
            .ok_or_else(|| {
                Mismatch::new(format!(
                    "a time is {seconds} s from 1970, which this system cannot represent"
                ))
            })
    }
}

__value_of_data!(SystemTime);

#[cfg(feature = "uuid")]
mod of_uuid {
    use uuid::Uuid;

    use super::{__value_of_data, Data, Mismatch, Reader, Size, ValueType, Writer};

    impl Data for Uuid {
        const SHAPE: ValueType = ValueType::Plain("uuid");
        const SIZE: Size = Size::exact(size_of::<Uuid>());

        #[inline]
        fn encoded_size(&self) -> usize {
            size_of::<Uuid>()
        }

        #[inline]
        fn encode(&self, to: &mut Writer<'_>) {
            to.put(*self.as_bytes());
        }

        #[inline]
        fn decode(from: &mut Reader<'_>) -> Result<Self, Mismatch> {
            from.array().map(Uuid::from_bytes)
        }
    }

    __value_of_data!(Uuid);
}
