package gitfs

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
)

// maxSize bounds what is read into memory; a larger object has a size and no
// content.
const maxSize = 64 << 20

// pointer begins a file whose content Git LFS keeps elsewhere:
// https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md#the-pointer
const pointer = "version https://git-lfs.github.com/spec/"

var errIsPointer = errors.New("kept outside the repository by Git LFS")

// objects reads contents from one git process.
type objects struct {
	mu  sync.Mutex
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func open(ctx context.Context, root string) (*objects, error) {
	o := &objects{cmd: command(ctx, root, "cat-file", "--batch")}
	var err error
	if o.in, err = o.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := o.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	o.out = bufio.NewReaderSize(out, 1<<16)
	if err := o.cmd.Start(); err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	return o, nil
}

// read returns the content of an object, and its size when it is too large.
// https://git-scm.com/docs/git-cat-file#_batch_output
func (o *objects) read(object string) (content []byte, size int64, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, err := io.WriteString(o.in, object+"\n"); err != nil {
		return nil, 0, fmt.Errorf("git cat-file: %w", err)
	}
	head, err := o.out.ReadString('\n')
	if err != nil {
		return nil, 0, fmt.Errorf("git cat-file: %w", err)
	}
	fields := strings.Fields(head)
	if len(fields) != 3 {
		return nil, 0, fmt.Errorf("git has no object %s", object) // a partial clone
	}
	if size, err = strconv.ParseInt(fields[2], 10, 64); err != nil {
		return nil, 0, fmt.Errorf("git cat-file: %w", err)
	}
	if size > maxSize {
		_, err := io.CopyN(io.Discard, o.out, size+1)
		return nil, size, err
	}
	content = make([]byte, size+1) // a line feed follows
	if _, err := io.ReadFull(o.out, content); err != nil {
		return nil, 0, fmt.Errorf("git cat-file: %w", err)
	}
	if bytes.HasPrefix(content, []byte(pointer)) {
		return nil, size, errIsPointer
	}
	return content[:size], size, nil
}

// close ends the process. Whatever it may still say, all that was wanted of it
// has been read.
func (o *objects) close() {
	_ = o.in.Close()
	_, _ = io.Copy(io.Discard, o.out)
	_ = o.cmd.Wait()
}
