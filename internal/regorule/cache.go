package regorule

import "sync"

// cacheLimit bounds a cache. Objects are visited in order and ask for their
// neighbours, so starting over costs little, and a large cluster does not keep
// a second copy of itself.
const cacheLimit = 512

// cache keeps what was made for a key. It is safe for concurrent use; two
// callers may make the same value at the same time, and one of them is kept.
type cache[K comparable, V any] struct {
	mu   sync.RWMutex
	made map[K]V
}

func (c *cache[K, V]) get(key K, produce func() (V, error)) (V, error) {
	c.mu.RLock()
	v, ok := c.made[key]
	c.mu.RUnlock()
	if ok {
		return v, nil
	}
	v, err := produce()
	if err != nil {
		return v, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if first, ok := c.made[key]; ok {
		return first, nil
	}
	if c.made == nil || len(c.made) >= cacheLimit {
		c.made = map[K]V{}
	}
	c.made[key] = v
	return v, nil
}
