//! The natives of `Neighbour.java`: a server in a process of its own that sends back what it gets, over a Unix socket
//! in frames and over HTTP on loopback. It does no more than that, so a real server costs more.

use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::thread;

use jni_sys::{JNIEnv, jbyteArray, jclass, jint};

const BUFFER: usize = 64 << 10;

/// Serves the socket of this path and HTTP; returns the port of HTTP, or -1 if either cannot be opened.
#[unsafe(no_mangle)]
extern "system" fn Java_dev_loopbridge_benchmark_Neighbour_serve(
    env: *mut JNIEnv,
    _class: jclass,
    path: jbyteArray,
) -> jint {
    // SAFETY: the environment is the caller's, and the buffer is as long as the array.
    let path = unsafe {
        let length = ((**env).v1_6.GetArrayLength)(env, path);
        let mut bytes = vec![0_u8; length as usize];
        ((**env).v1_6.GetByteArrayRegion)(env, path, 0, length, bytes.as_mut_ptr().cast());
        String::from_utf8_lossy(&bytes).into_owned()
    };
    serve(&path).map_or(-1, jint::from)
}

fn serve(path: &str) -> std::io::Result<u16> {
    let socket = UnixListener::bind(path)?;
    thread::spawn(move || {
        for stream in socket.incoming().flatten() {
            thread::spawn(move || {
                let input = stream.try_clone()?;
                frames(
                    BufReader::with_capacity(BUFFER, input),
                    BufWriter::with_capacity(BUFFER, stream),
                )
            });
        }
    });
    let http = TcpListener::bind(("127.0.0.1", 0))?;
    let port = http.local_addr()?.port();
    thread::spawn(move || {
        for stream in http.incoming().flatten() {
            thread::spawn(move || {
                stream.set_nodelay(true)?;
                let input = stream.try_clone()?;
                requests(
                    BufReader::with_capacity(BUFFER, input),
                    BufWriter::with_capacity(BUFFER, stream),
                )
            });
        }
    });
    Ok(port)
}

/// Sends back each frame: its length in four bytes, and its content.
fn frames(mut input: BufReader<impl Read>, mut output: impl Write) -> std::io::Result<()> {
    let mut content = Vec::new();
    loop {
        let mut length = [0; 4];
        input.read_exact(&mut length)?;
        content.resize(u32::from_be_bytes(length) as usize, 0);
        input.read_exact(&mut content)?;
        output.write_all(&length)?;
        output.write_all(&content)?;
        if input.buffer().is_empty() {
            output.flush()?;
        }
    }
}

/// Answers each request by its body.
fn requests(mut input: BufReader<impl Read>, mut output: impl Write) -> std::io::Result<()> {
    let mut content = Vec::new();
    let mut line = String::new();
    loop {
        let mut length = 0;
        loop {
            line.clear();
            if input.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let header = line.trim_end();
            if header.is_empty() {
                break;
            }
            if let Some((name, value)) = header.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        content.resize(length, 0);
        input.read_exact(&mut content)?;
        write!(
            output,
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n"
        )?;
        output.write_all(&content)?;
        if input.buffer().is_empty() {
            output.flush()?;
        }
    }
}
