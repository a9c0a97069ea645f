//! The JNI functions in use, each with the failures it can have as an `Err`.

use std::ffi::{CStr, c_void};
use std::ptr;

use jni_sys::{
    JNI_OK, JNI_VERSION_1_8, JNIEnv, JNINativeMethod, JavaVM, jbyteArray, jclass, jint, jlong,
    jlongArray, jmethodID, jobject, jsize, jstring, jvalue,
};

use super::thrown::Thrown;

/// The JNI environment of the current thread; it is valid on that thread only.
#[derive(Clone, Copy)]
pub(super) struct Env(*mut JNIEnv);

/// Calls a function of the JNI table.
macro_rules! jni {
    ($env:expr, $version:ident.$function:ident($($argument:expr),*)) => {{
        let raw = $env.0;
        // SAFETY: `Env` is only made from an environment of this thread, and the JVM fills the table for the version
        // that `JNI_OnLoad` asked for; the callers below pass references that are valid on this thread.
        unsafe { ((**raw).$version.$function)(raw, $($argument),*) }
    }};
}

impl Env {
    /// # Safety
    ///
    /// `raw` is the environment of the current thread, and is not used beyond it.
    pub(super) unsafe fn new(raw: *mut JNIEnv) -> Env {
        Env(raw)
    }

    pub(super) fn raw(self) -> *mut JNIEnv {
        self.0
    }

    // Exceptions

    pub(super) fn is_exception_pending(self) -> bool {
        jni!(self, v1_2.ExceptionCheck())
    }

    /// `Err` if a Java exception is pending.
    pub(super) fn check(self) -> Result<(), Thrown> {
        match self.is_exception_pending() {
            true => Err(Thrown::Pending),
            false => Ok(()),
        }
    }

    /// Prints and clears the pending exception.
    pub(super) fn describe_and_clear(self) {
        jni!(self, v1_1.ExceptionDescribe());
        jni!(self, v1_1.ExceptionClear());
    }

    /// Throws a new exception of a class with a constructor that takes a string.
    pub(super) fn throw_new(self, class: jclass, message: &CStr) {
        jni!(self, v1_1.ThrowNew(class, message.as_ptr()));
    }

    // Classes, methods and references

    /// A class as the library's own class loader knows it; in `JNI_OnLoad` only (rule 11).
    pub(super) fn find_class(self, name: &CStr) -> Result<jclass, Thrown> {
        self.found(jni!(self, v1_1.FindClass(name.as_ptr())))
    }

    pub(super) fn method(
        self,
        class: jclass,
        name: &CStr,
        signature: &CStr,
    ) -> Result<jmethodID, Thrown> {
        let method = jni!(
            self,
            v1_1.GetMethodID(class, name.as_ptr(), signature.as_ptr())
        );
        self.check()?;
        Ok(method)
    }

    pub(super) fn static_method(
        self,
        class: jclass,
        name: &CStr,
        signature: &CStr,
    ) -> Result<jmethodID, Thrown> {
        let method = jni!(
            self,
            v1_1.GetStaticMethodID(class, name.as_ptr(), signature.as_ptr())
        );
        self.check()?;
        Ok(method)
    }

    pub(super) fn register(self, class: jclass, natives: &[JNINativeMethod]) -> Result<(), Thrown> {
        let count = natives.len() as jint;
        jni!(self, v1_1.RegisterNatives(class, natives.as_ptr(), count));
        self.check()
    }

    pub(super) fn new_weak(self, object: jobject) -> Result<jobject, Thrown> {
        self.found(jni!(self, v1_2.NewWeakGlobalRef(object)))
    }

    /// Makes a local reference. It is null if a weak reference's object was collected.
    pub(super) fn new_local(self, object: jobject) -> jobject {
        jni!(self, v1_2.NewLocalRef(object))
    }

    pub(super) fn delete_local(self, object: jobject) {
        jni!(self, v1_1.DeleteLocalRef(object));
    }

    pub(super) fn new_global(self, object: jobject) -> Result<jobject, Thrown> {
        self.found(match fault!("global-ref") {
            true => ptr::null_mut(),
            false => jni!(self, v1_1.NewGlobalRef(object)),
        })
    }

    pub(super) fn delete_global(self, object: jobject) {
        jni!(self, v1_1.DeleteGlobalRef(object));
    }

    // Calls

    /// Calls a method without arguments that returns nothing. An exception stays pending.
    pub(super) fn call_void(self, object: jobject, method: jmethodID) -> Result<(), Thrown> {
        jni!(self, v1_1.CallVoidMethodA(object, method, ptr::null()));
        self.check()
    }

    /// Calls a static method that takes one object and returns a boolean.
    pub(super) fn call_boolean(self, object: jobject, method: jmethodID) -> Result<bool, Thrown> {
        let result = jni!(self, v1_1.CallBooleanMethodA(object, method, ptr::null()));
        self.check()?;
        Ok(result)
    }

    pub(super) fn call_static_boolean(
        self,
        class: jclass,
        method: jmethodID,
        argument: jobject,
    ) -> Result<bool, Thrown> {
        let arguments = [jvalue { l: argument }];
        let result = jni!(
            self,
            v1_1.CallStaticBooleanMethodA(class, method, arguments.as_ptr())
        );
        self.check()?;
        Ok(result)
    }

    // Values

    /// A direct buffer over memory that outlives its use in Java.
    pub(super) fn direct_buffer(self, address: *const u8, bytes: usize) -> Result<jobject, Thrown> {
        let address = address.cast_mut().cast::<c_void>();
        self.found(match fault!("direct-buffer") {
            true => ptr::null_mut(),
            false => jni!(self, v1_4.NewDirectByteBuffer(address, bytes as jlong)),
        })
    }

    /// Returns the address of a direct buffer.
    pub(super) fn direct_address(self, buffer: jobject) -> Result<*mut u8, Thrown> {
        if buffer.is_null() {
            return Err(Thrown::null("a direct ByteBuffer is null"));
        }
        let address = jni!(self, v1_4.GetDirectBufferAddress(buffer)).cast::<u8>();
        if address.is_null() {
            return Err(Thrown::argument(
                "expected a direct ByteBuffer, given a heap one",
            ));
        }
        Ok(address)
    }

    /// Returns address and capacity of a direct buffer.
    pub(super) fn direct_memory(self, buffer: jobject) -> Result<(*mut u8, usize), Thrown> {
        let address = self.direct_address(buffer)?;
        let bytes = jni!(self, v1_4.GetDirectBufferCapacity(buffer));
        let bytes = usize::try_from(bytes)
            .map_err(|_| Thrown::argument(format!("a direct ByteBuffer of {bytes} bytes")))?;
        Ok((address, bytes))
    }

    pub(super) fn byte_array(self, bytes: &[u8]) -> Result<jbyteArray, Thrown> {
        let length = jsize::try_from(bytes.len())
            .map_err(|_| Thrown::argument("a Java array cannot hold 2 GiB"))?;
        let array = self.found(match fault!("byte-array") {
            true => ptr::null_mut(),
            false => jni!(self, v1_1.NewByteArray(length)),
        })?;
        jni!(
            self,
            v1_1.SetByteArrayRegion(array, 0, length, bytes.as_ptr().cast())
        );
        self.check()?;
        Ok(array)
    }

    /// Copies an array.
    pub(super) fn bytes(self, array: jbyteArray) -> Result<Vec<u8>, Thrown> {
        if array.is_null() {
            return Err(Thrown::null("an array is needed"));
        }
        let length = jni!(self, v1_1.GetArrayLength(array));
        let mut bytes = vec![0_u8; usize::try_from(length).unwrap_or(0)];
        jni!(
            self,
            v1_1.GetByteArrayRegion(array, 0, length, bytes.as_mut_ptr().cast())
        );
        self.check()?;
        Ok(bytes)
    }

    pub(super) fn fill_longs(self, array: jlongArray, values: &[u64]) -> Result<(), Thrown> {
        if array.is_null() {
            return Err(Thrown::null("the array for the counters is null"));
        }
        let (length, expected) = (jni!(self, v1_1.GetArrayLength(array)), values.len());
        if (length as usize) < expected {
            return Err(Thrown::argument(format!(
                "an array of {length} longs was given for {expected} counters"
            )));
        }
        jni!(
            self,
            v1_1.SetLongArrayRegion(array, 0, expected as jsize, values.as_ptr().cast())
        );
        self.check()
    }

    /// Returns a string's text; characters that are not valid Unicode are replaced.
    pub(super) fn text(self, string: jstring) -> Result<String, Thrown> {
        if string.is_null() {
            return Err(Thrown::null("a string is null"));
        }
        let length = jni!(self, v1_1.GetStringLength(string));
        let mut units = vec![0_u16; length as usize];
        jni!(
            self,
            v1_2.GetStringRegion(string, 0, length, units.as_mut_ptr())
        );
        self.check()?;
        Ok(String::from_utf16_lossy(&units))
    }

    /// Returns the JVM of this environment.
    pub(super) fn vm(self) -> Result<*mut JavaVM, Thrown> {
        let mut vm = ptr::null_mut();
        match jni!(self, v1_1.GetJavaVM(&mut vm)) {
            JNI_OK => Ok(vm),
            code => Err(Thrown::state(format!("GetJavaVM returned {code}"))),
        }
    }

    /// Checks a reference that the JVM made. Null means that the JVM threw, or that it has no memory left and did not
    /// throw, as for a global reference.
    fn found(self, reference: jobject) -> Result<jobject, Thrown> {
        if !reference.is_null() {
            return Ok(reference);
        }
        self.check()?;
        Err(Thrown::state(
            "the JVM has no memory left for a reference to an object",
        ))
    }
}

/// The version of JNI that this library asks for: that of the oldest JVM it could run on.
pub(super) const VERSION: jint = JNI_VERSION_1_8;
