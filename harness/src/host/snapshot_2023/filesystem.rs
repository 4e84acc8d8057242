//! `wasi:filesystem/types` of the first snapshot. Opening a file takes permissions for it, which count for nothing, and some
//! functions came to nothing later.

use super::{Instance, Store, answered, link_gone};
use wasmtime::component::{Resource, ResourceType, flags};
use wasmtime_wasi::filesystem::{WasiFilesystemCtxView, WasiFilesystemView as _};
use wasmtime_wasi::p2::bindings::filesystem::types::{
    self, Advice, Descriptor, DescriptorFlags, DirectoryEntryStream, NewTimestamp, OpenFlags,
    PathFlags,
};
use wasmtime_wasi::p2::bindings::io::error::Error as StreamFailure;

// What may be done with a file that is made.
flags! {
    Modes {
        #[component(name = "readable")]
        const READABLE;
        #[component(name = "writable")]
        const WRITABLE;
        #[component(name = "executable")]
        const EXECUTABLE;
    }
}

/// Functions that Spin no longer has.
const GONE: [&str; 8] = [
    "[method]descriptor.access-at",
    "[method]descriptor.change-file-permissions-at",
    "[method]descriptor.change-directory-permissions-at",
    "[method]descriptor.lock-shared",
    "[method]descriptor.lock-exclusive",
    "[method]descriptor.try-lock-shared",
    "[method]descriptor.try-lock-exclusive",
    "[method]descriptor.unlock",
];

fn files_of<'a>(store: &'a mut Store<'_>) -> WasiFilesystemCtxView<'a> {
    store.data_mut().filesystem()
}

/// Links methods of a descriptor: those that wait and those that do not. All answer as the methods of 0.2 do.
macro_rules! descriptor {
    ($into:ident {
        at once: $($now:literal => $does:ident($($with:ident: $what:ty),*),)+
        waiting: $($later:literal => $waits:ident($($given:ident: $that:ty),*),)+
    }) => {
        $($into.func_wrap(
            concat!("[method]descriptor.", $now),
            |mut store, (it, $($with,)*): (Resource<Descriptor>, $($what,)*)| {
                let mut files = files_of(&mut store);
                answered(types::HostDescriptor::$does(&mut files, it, $($with),*))
            },
        )?;)+
        $($into.func_wrap_async(
            concat!("[method]descriptor.", $later),
            |mut store, (it, $($given,)*): (Resource<Descriptor>, $($that,)*)| {
                Box::new(async move {
                    let mut files = files_of(&mut store);
                    answered(types::HostDescriptor::$waits(&mut files, it, $($given),*).await)
                })
            },
        )?;)+
    };
}

/// Links it.
pub(super) fn link(into: &mut Instance<'_>) -> wasmtime::Result<()> {
    into.resource(
        "descriptor",
        ResourceType::host::<Descriptor>(),
        |mut store, rep| {
            types::HostDescriptor::drop(&mut files_of(&mut store), Resource::new_own(rep))
        },
    )?;
    descriptor!(into {
        at once:
            "read-via-stream" => read_via_stream(offset: u64),
            "write-via-stream" => write_via_stream(offset: u64),
            "append-via-stream" => append_via_stream(),
        waiting:
            "advise" => advise(offset: u64, length: u64, advice: Advice),
            "sync-data" => sync_data(),
            "get-flags" => get_flags(),
            "get-type" => get_type(),
            "set-size" => set_size(size: u64),
            "set-times" => set_times(accessed: NewTimestamp, modified: NewTimestamp),
            "read" => read(length: u64, offset: u64),
            "write" => write(bytes: Vec<u8>, offset: u64),
            "read-directory" => read_directory(),
            "sync" => sync(),
            "create-directory-at" => create_directory_at(path: String),
            "stat" => stat(),
            "stat-at" => stat_at(how: PathFlags, path: String),
            "set-times-at" => set_times_at(how: PathFlags, path: String, accessed: NewTimestamp, modified: NewTimestamp),
            "link-at" => link_at(how: PathFlags, path: String, to: Resource<Descriptor>, new: String),
            "readlink-at" => readlink_at(path: String),
            "remove-directory-at" => remove_directory_at(path: String),
            "rename-at" => rename_at(path: String, to: Resource<Descriptor>, new: String),
            "symlink-at" => symlink_at(path: String, new: String),
            "unlink-file-at" => unlink_file_at(path: String),
            "metadata-hash" => metadata_hash(),
            "metadata-hash-at" => metadata_hash_at(how: PathFlags, path: String),
    });
    type Opened = (
        Resource<Descriptor>,
        PathFlags,
        String,
        OpenFlags,
        DescriptorFlags,
        Modes,
    );
    into.func_wrap_async(
        "[method]descriptor.open-at",
        |mut store, (it, how, path, open, flags, _): Opened| {
            Box::new(async move {
                let mut files = files_of(&mut store);
                let opened = types::HostDescriptor::open_at(&mut files, it, how, path, open, flags);
                answered(opened.await)
            })
        },
    )?;
    type Two = (Resource<Descriptor>, Resource<Descriptor>);
    into.func_wrap_async(
        "[method]descriptor.is-same-object",
        |mut store, (it, other): Two| {
            Box::new(async move {
                let mut files = files_of(&mut store);
                Ok((types::HostDescriptor::is_same_object(&mut files, it, other).await?,))
            })
        },
    )?;
    link_gone(into, &GONE)?;

    into.resource(
        "directory-entry-stream",
        ResourceType::host::<DirectoryEntryStream>(),
        |mut store, rep| {
            let entries = Resource::new_own(rep);
            types::HostDirectoryEntryStream::drop(&mut files_of(&mut store), entries)
        },
    )?;
    into.func_wrap_async(
        "[method]directory-entry-stream.read-directory-entry",
        |mut store, (it,): (Resource<DirectoryEntryStream>,)| {
            Box::new(async move {
                let mut files = files_of(&mut store);
                let entry = types::HostDirectoryEntryStream::read_directory_entry(&mut files, it);
                answered(entry.await)
            })
        },
    )?;
    into.func_wrap(
        "filesystem-error-code",
        |mut store, (error,): (Resource<StreamFailure>,)| {
            let mut files = files_of(&mut store);
            Ok((types::Host::filesystem_error_code(&mut files, error)?,))
        },
    )
}
