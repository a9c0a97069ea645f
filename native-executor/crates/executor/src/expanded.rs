//! What the code uses that the attributes expand to. Nothing here is for users.
//!
//! That code must not fail to compile where a type does not cross: the attribute asserts that each type crosses, at the
//! place where the type is written, and one message about each mistake is enough. So [`Field`] and [`Signature`] have
//! what is asked of a type twice: as methods of their own, which exist if the type crosses, and from a trait, as a
//! substitute that is never run.

use std::marker::PhantomData;

pub use inventory;
pub use loopbridge_macros::Record;

pub use crate::call::items::Item;
pub use crate::call::returned::{Returned, ReturnedError};
pub use crate::call::signature::{Callable, LeavesLoop};
pub use crate::codec::arguments::Arguments;
pub use crate::codec::blob::{Piece, blob, blob_length};
pub use crate::codec::data::{Element, Size};
pub use crate::codec::encoded::Encoded;
pub use crate::codec::mismatch::Mismatch;
pub use crate::codec::reader::{Reader, no_variant};
pub use crate::codec::types::{OptionalData, Plain, Present};
pub use crate::codec::value::sealed::Sealed;
pub use crate::codec::value::{Value, ValueType};
pub use crate::codec::writer::Writer;
pub use crate::jvm::LAYOUT;
use crate::{
    Argument, AsyncFunction, BlockingFunction, Data, LocalFunction, Registry, Reply, SharedType,
};

const UNKNOWN: ValueType = ValueType::Plain("?");

/// A field of a record.
#[allow(missing_debug_implementations)]
pub struct Field<T>(PhantomData<T>);

impl<T: Data> Field<T> {
    pub const SHAPE: ValueType = T::SHAPE;
    pub const SIZE: Size = T::SIZE;

    #[inline]
    pub fn encoded_size(value: &T) -> usize {
        value.encoded_size()
    }

    #[inline]
    pub fn encode(value: &T, to: &mut Writer<'_>) {
        value.encode(to);
    }

    /// # Errors
    ///
    /// If the bytes are no such value.
    #[inline]
    pub fn decode(from: &mut Reader<'_>) -> Result<T, Mismatch> {
        T::decode(from)
    }
}

/// In place of a [`Field`] whose type does not cross.
pub trait NoField<T> {
    const SHAPE: ValueType = UNKNOWN;
    const SIZE: Size = Size::exact(0);

    fn encoded_size(_: &T) -> usize {
        0
    }

    fn encode(_: &T, _: &mut Writer<'_>) {}

    /// # Errors
    ///
    /// Always.
    fn decode(_: &mut Reader<'_>) -> Result<T, Mismatch> {
        Err(Mismatch::new("the type does not cross"))
    }
}

impl<T> NoField<T> for Field<T> {}

/// The type of an argument or a result in a function's text.
#[allow(missing_debug_implementations)]
pub struct Signature<T>(PhantomData<T>);

impl<T: Value> Signature<T> {
    pub const ARGUMENT: ValueType = T::TYPE;
}

impl<T: Returned<Value: Value>> Signature<T> {
    pub const RESULT: ValueType = <T::Value as Value>::TYPE;
}

/// In place of a [`Signature`] whose type does not cross.
pub trait NoSignature {
    const ARGUMENT: ValueType = UNKNOWN;
    const RESULT: ValueType = UNKNOWN;
}

impl<T> NoSignature for Signature<T> {}

/// A function of the arguments `A` that is to be registered.
#[allow(missing_debug_implementations)]
pub struct Exported<A, F>(&'static str, F, PhantomData<A>);

impl<A, F: Callable<A>> Exported<A, F> {
    pub const fn new(name: &'static str, function: F) -> Exported<A, F> {
        Exported(name, function, PhantomData)
    }
}

impl<A, F: AsyncFunction<A>> Exported<A, F> {
    pub fn register_async(self, to: &mut Registry) {
        to.function(self.0, self.1);
    }

    pub fn register_heavy(self, to: &mut Registry) {
        to.heavy(self.0, self.1);
    }
}

impl<A, F: BlockingFunction<A>> Exported<A, F> {
    pub fn register_blocking(self, to: &mut Registry) {
        to.blocking(self.0, self.1);
    }
}

impl<A, F: LocalFunction<A>> Exported<A, F> {
    pub fn register_local(self, to: &mut Registry) {
        to.local(self.0, self.1);
    }
}

/// In place of [`Exported`] for a function that cannot be called from Java.
pub trait NotExported: Sized {
    fn register_async(self, _: &mut Registry) {
        unreachable!("the attribute accepted a function that cannot be registered");
    }

    fn register_heavy(self, to: &mut Registry) {
        self.register_async(to);
    }

    fn register_blocking(self, to: &mut Registry) {
        self.register_async(to);
    }

    fn register_local(self, to: &mut Registry) {
        self.register_async(to);
    }
}

impl<A, F> NotExported for Exported<A, F> {}

/// A type with the attribute of objects.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no type of objects, whose methods Java calls",
    label = "no type of objects",
    note = "mark the type with #[loopbridge::object]"
)]
pub trait ObjectWithMethods: SharedType {}

/// What a library registers that has attributes only.
pub fn register_nothing(_: &mut Registry) {}

/// The version of the crate, if Cargo builds it.
pub const fn version_or_none(version: Option<&'static str>) -> &'static str {
    match version {
        Some(version) => version,
        None => "0.0.0",
    }
}

// What the attributes assert, each at the place of a type.

pub const fn assert_field<T: Data>() {}

pub const fn assert_object<T: ObjectWithMethods>() {}

pub const fn assert_argument<T: Argument>() {}

pub const fn assert_leaves_loop<T: LeavesLoop>() {}

pub const fn assert_result<T: Returned<Value: Reply, Error: ReturnedError>>() {}

/// Asserts that a future is `Send`. The function that makes it is not run.
pub fn assert_send<F: Future + Send>(_: impl FnOnce() -> F) {}

/// Stands for a value of any type where the code is not run.
pub fn any<T>() -> T {
    unreachable!("only for the compiler")
}

/// Lets a type that is [`Data`] cross on its own too, as a byte sequence in that encoding.
#[doc(hidden)]
#[macro_export]
macro_rules! __value_of_data {
    ($({$($generic:tt)*})? $type:ty) => {
        impl$(<$($generic)*>)? $crate::expanded::Element for $type {}
        impl$(<$($generic)*>)? $crate::expanded::Sealed for $type {}
        impl$(<$($generic)*>)? $crate::expanded::Plain for $type {}
        impl$(<$($generic)*>)? $crate::expanded::Value for $type {
            const TYPE: $crate::expanded::ValueType =
                $crate::expanded::ValueType::Data(&<Self as $crate::Data>::SHAPE);
        }
        impl$(<$($generic)*>)? $crate::Argument for $type {
            fn read(
                from: &mut $crate::expanded::Arguments<'_>,
            ) -> ::core::result::Result<Self, $crate::expanded::Mismatch> {
                from.data()
            }
        }
        impl$(<$($generic)*>)? $crate::Reply for $type {
            fn write(self, to: &mut $crate::expanded::Encoded) {
                to.push_data(&self);
            }
        }
        impl$(<$($generic)*>)? $crate::expanded::Present for $type {
            const OPTIONAL: $crate::expanded::ValueType =
                <$crate::expanded::OptionalData<Self>>::TYPE;

            fn read_optional(
                from: &mut $crate::expanded::Arguments<'_>,
            ) -> ::core::result::Result<::core::option::Option<Self>, $crate::expanded::Mismatch> {
                from.data()
            }

            fn write_optional(
                value: ::core::option::Option<Self>,
                to: &mut $crate::expanded::Encoded,
            ) {
                to.push_data(&value);
            }
        }
    };
}

/// Makes a type one of objects; as a result, such an object is a new one that is shared.
#[doc(hidden)]
#[macro_export]
macro_rules! __object {
    ($type:ty, $name:literal) => {
        impl $crate::SharedType for $type {
            const NAME: &'static str = $name;
        }
        impl $crate::expanded::ObjectWithMethods for $type {}
        impl $crate::expanded::Sealed for $type {}
        impl $crate::expanded::Value for $type {
            const TYPE: $crate::expanded::ValueType =
                <$crate::Shared<Self> as $crate::expanded::Value>::TYPE;
        }
        impl $crate::Reply for $type {
            fn write(self, to: &mut $crate::expanded::Encoded) {
                $crate::Reply::write($crate::Shared::new(self), to);
            }
        }
    };
}

/// Defines a blob with this text, in the section of the library's file where tools look for it.
#[doc(hidden)]
#[macro_export]
macro_rules! __blob {
    ($name:ident: $pieces:expr) => {
        const PIECES: &[$crate::expanded::Piece] = $pieces;
        #[used]
        #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__lbmeta"))]
        #[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".lbmeta"))]
        static $name: [u8; $crate::expanded::blob_length(PIECES)] = $crate::expanded::blob(PIECES);
    };
}
