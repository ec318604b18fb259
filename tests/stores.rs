//! Servers of other projects that stand for the stores of clouds: moto for S3, azurite for Azure Blob. `cargo xtask test`
//! installs them under `target/test-servers` where it can; where one is absent its story says so.

use crate::harness::binary;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A program in the folder of test servers or on the path of programs.
fn program(name: &str, inside: &str) -> Option<PathBuf> {
    let own = binary().parent()?.parent()?.join("test-servers").join(inside).join(name);
    let paths = std::env::var_os("PATH").map(|paths| std::env::split_paths(&paths).collect::<Vec<_>>());
    let candidates = [own].into_iter().chain(paths.into_iter().flatten().map(|folder| folder.join(name)));
    let found = candidates.into_iter().find(|path| path.is_file());
    if found.is_none() {
        eprintln!("skipped: {name} is not installed");
    }
    found
}

/// A program that serves until it is dropped.
struct Running {
    child: Child,
    host: String,
}

impl Running {
    /// Starts a program at a free port, and waits until it answers.
    fn start(program: &Path, arguments: impl Fn(u16) -> Vec<OsString>) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(program);
        command.args(arguments(port)).stdout(Stdio::null()).stderr(Stdio::null());
        let running = Self { child: command.spawn().unwrap(), host: format!("127.0.0.1:{port}") };
        let begun = Instant::now();
        while TcpStream::connect(&running.host).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(60), "{} does not answer", program.display());
            std::thread::sleep(Duration::from_millis(50));
        }
        running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The GeoTIFFs under a folder, and the name of each below it.
fn images(folder: &Path) -> Vec<(String, PathBuf)> {
    let mut images = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for path in next.read_dir().unwrap().map(|entry| entry.unwrap().path()) {
            match path.extension().is_some_and(|extension| extension == "tif") {
                true => images.push((path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned(), path)),
                false if path.is_dir() => folders.push(path),
                false => {}
            }
        }
    }
    images
}

/// S3 by moto, with one bucket.
pub(crate) struct Moto {
    running: Running,
    bucket: String,
}

impl Moto {
    pub(crate) fn start(bucket: &str) -> Option<Self> {
        let program = program("moto_server", "python/bin")?;
        let running = Running::start(&program, |port| vec!["-p".into(), port.to_string().into()]);
        let store = Self { running, bucket: bucket.to_owned() };
        store.put("", b"");
        Some(store)
    }

    pub(crate) fn host(&self) -> &str {
        &self.running.host
    }

    pub(crate) fn upload(&self, folder: &Path) {
        for (name, path) in images(folder) {
            self.put(&format!("/{name}"), &std::fs::read(path).unwrap());
        }
    }

    /// Unsigned, which moto does not mind.
    fn put(&self, name: &str, body: &[u8]) {
        let mut stream = TcpStream::connect(self.host()).unwrap();
        let (bucket, length) = (&self.bucket, body.len());
        write!(
            stream,
            "PUT /{bucket}{name} HTTP/1.1\r\nHost: s3.amazonaws.com\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        stream.write_all(body).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.split(' ').nth(1) == Some("200"), "{name}: {answer}");
    }
}

/// Azure Blob by azurite, with one container.
pub(crate) struct Azurite {
    running: Running,
    container: String,
}

impl Azurite {
    /// The key of azurite's one account, which its documentation names.
    pub(crate) const KEY: &'static str =
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    pub(crate) fn start(container: &str) -> Option<Self> {
        let program = program("azurite-blob", "node_modules/.bin")?;
        let running = Running::start(&program, |port| {
            let port = port.to_string();
            [
                "--inMemoryPersistence",
                "--silent",
                "--disableTelemetry",
                "--skipApiVersionCheck",
                "--blobPort",
                &port,
            ]
            .map(OsString::from)
            .to_vec()
        });
        Some(Self { running, container: container.to_owned() })
    }

    pub(crate) fn connection(&self) -> String {
        format!(
            "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={};BlobEndpoint=http://{}/devstoreaccount1;",
            Self::KEY,
            self.running.host
        )
    }

    /// By node, which azurite needs as well: requests have to be signed.
    pub(crate) fn upload(&self, folder: &Path) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/put_blobs.mjs");
        let mut command = Command::new("node");
        command.arg(script).args([&self.running.host, Self::KEY, &self.container]);
        for (name, path) in images(folder) {
            command.arg(name).arg(path);
        }
        assert!(command.status().unwrap().success(), "blobs were not stored");
    }
}
