//! The macro that implements [`StableHash`](super::StableHash) in one line.

/// Implements [`StableHash`](crate::StableHash) for a struct or an enum of your own, so that its values
/// can be keys and labels of nodes.
///
/// ```
/// use apportion::{Xxh3, stable_hash};
/// use apportion::hash::KeyHasher;
///
/// struct Document { tenant: u64, name: String }
/// stable_hash!(Document { tenant, name });
///
/// struct Shard(u32, u32);
/// stable_hash!(Shard(table, number));
///
/// let document = Document { tenant: 7, name: "a".into() };
/// assert_eq!(Xxh3.hash_key(&document), Xxh3.hash_key(&(7, "a")));
/// assert_eq!(Xxh3.hash_key(&Shard(1, 2)), Xxh3.hash_key(&(1, 2)));
/// ```
///
/// # What is guaranteed
/// - **A struct is encoded as the tuple of its fields**, in the order given to the macro, whatever the
///   order of their declaration. So you can reorder the declaration, and rename a field there and in
///   the macro. A struct with one field is a tuple of one: text in it is encoded with its length.
/// - **No field is forgotten**: if the macro does not name all of them, it does not compile.
/// - **An enum is encoded as one byte, the number given to the variant in the macro, then the tuple of
///   its fields**. Two variants with the same number do not compile.
/// - Names of types, fields and variants do not change the bytes. Messages print a label with them:
///   `Shard(1, 2)`, see [`StableHash::describe`](crate::StableHash::describe).
///
/// ```
/// # use apportion::{Xxh3, stable_hash};
/// # use apportion::hash::KeyHasher;
/// enum Owner { Nobody, User(u64), Group { tenant: u64, name: String } }
/// stable_hash!(enum Owner { Nobody = 0, User(id) = 1, Group { tenant, name } = 2 });
/// # let _ = [Owner::Nobody, Owner::Group { tenant: 1, name: "a".into() }];
/// # assert_ne!(Xxh3.hash_key(&Owner::User(0)), Xxh3.hash_key(&Owner::Nobody));
/// ```
///
/// # A type encoded as its contents
/// With `as`, a value is encoded and hashed exactly like an expression of its fields: a wrapped name
/// like its text, a wrapped type of another crate like its bytes. `..` leaves out fields that do not
/// identify the value.
///
/// ```
/// # use apportion::{Xxh3, stable_hash};
/// # use apportion::hash::KeyHasher;
/// use uuid::Uuid;
///
/// struct UserId(Uuid);
/// stable_hash!(UserId(id) as id.as_bytes());
///
/// struct Host { name: String, load: f64 }
/// stable_hash!(Host { name, .. } as name);
///
/// let id = Uuid::from_u128(42);
/// assert_eq!(Xxh3.hash_key(&UserId(id)), Xxh3.hash_key(id.as_bytes()));
/// let host = Host { name: "a".into(), load: 0.5 };
/// assert_eq!(Xxh3.hash_key(&host), Xxh3.hash_key("a"));
/// # let _ = host.load;
/// ```
///
/// A field left out without `..` is an error:
///
/// ```compile_fail,E0027
/// # use apportion::stable_hash;
/// struct Document { tenant: u64, name: String }
/// stable_hash!(Document { tenant });
/// ```
///
/// So are two variants with the same number:
///
/// ```compile_fail,E0081
/// # use apportion::stable_hash;
/// enum Owner { Nobody, User(u64) }
/// stable_hash!(enum Owner { Nobody = 0, User(id) = 0 });
/// ```
///
/// The macro does not support generic types; implement the trait by hand for them.
#[macro_export]
macro_rules! stable_hash {
    (enum $type:ident { $(
        $variant:ident $(($($place:ident),+ $(,)?))? $({ $($field:ident),+ $(,)? })? = $tag:literal
    ),+ $(,)? }) => {
        const _: () = {
            // The compiler rejects two variants with the same number.
            #[repr(u8)]
            #[allow(dead_code)]
            enum StableHashTag { $($variant = $tag),+ }

            impl $crate::StableHash for $type {
                fn encode(&self, out: &mut $crate::hash::Encoder<'_>) {
                    match self {$(
                        Self::$variant $(($($place),+))? $({ $($field),+ })? => {
                            out.raw(&[$tag]);
                            $($($crate::StableHash::encode($place, out);)+)?
                            $($($crate::StableHash::encode($field, out);)+)?
                        }
                    )+}
                }

                fn describe(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    match self {$(
                        Self::$variant $(($($place),+))? $({ $($field),+ })? => {
                            $crate::stable_hash!(
                                @describe f $variant $(($($place)+))? $({ $($field)+ })?
                            )
                        }
                    )+}
                }
            }
        };
    };
    ($type:ident ($($pattern:tt)*) as $value:expr) => {
        $crate::stable_hash!(@as $type (Self($($pattern)*)) $value);
    };
    ($type:ident { $($pattern:tt)* } as $value:expr) => {
        $crate::stable_hash!(@as $type (Self { $($pattern)* }) $value);
    };
    ($type:ident $(($($place:ident),* $(,)?))? $({ $($field:ident),* $(,)? })?) => {
        impl $crate::StableHash for $type {
            #[inline]
            #[allow(unused_variables)]
            fn encode(&self, out: &mut $crate::hash::Encoder<'_>) {
                let Self $(($($place),*))? $({ $($field),* })? = self;
                $($($crate::StableHash::encode($place, out);)*)?
                $($($crate::StableHash::encode($field, out);)*)?
            }

            fn describe(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let Self $(($($place),*))? $({ $($field),* })? = self;
                $crate::stable_hash!(@describe f $type $(($($place)*))? $({ $($field)* })?)
            }
        }
    };
    (@as $type:ident ($pattern:pat) $value:expr) => {
        impl $crate::StableHash for $type {
            #[inline]
            fn encode(&self, out: &mut $crate::hash::Encoder<'_>) {
                let $pattern = self;
                $crate::StableHash::encode(&$value, out);
            }

            #[inline]
            fn hash_whole(&self, hasher: &dyn $crate::hash::BytesHasher) -> $crate::KeyHash {
                let $pattern = self;
                $crate::StableHash::hash_whole(&$value, hasher)
            }

            fn describe(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let $pattern = self;
                $crate::StableHash::describe(&$value, f)
            }
        }
    };
    (@describe $f:ident $name:ident) => {
        $f.write_str(::core::stringify!($name))
    };
    (@describe $f:ident $name:ident ($($place:ident)*)) => {{
        $f.write_str(::core::concat!(::core::stringify!($name), "("))?;
        let mut comma = "";
        $(
            $f.write_str(::core::mem::replace(&mut comma, ", "))?;
            $crate::StableHash::describe($place, $f)?;
        )*
        let _ = comma;
        $f.write_str(")")
    }};
    (@describe $f:ident $name:ident { $($field:ident)* }) => {{
        $f.write_str(::core::concat!(::core::stringify!($name), " { "))?;
        let mut comma = "";
        $(
            $f.write_str(::core::mem::replace(&mut comma, ", "))?;
            $f.write_str(::core::concat!(::core::stringify!($field), ": "))?;
            $crate::StableHash::describe($field, $f)?;
        )*
        let _ = comma;
        $f.write_str(" }")
    }};
}
