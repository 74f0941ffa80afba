package program

import "strings"

// builtins maps the names that Python always knows to their qualified form.
var builtins = func() map[string][]string {
	m := map[string][]string{}
	for _, n := range strings.Fields(`
		abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex copyright
		credits delattr dict dir divmod enumerate eval exec exit filter float format frozenset getattr globals hasattr hash help
		hex id input int isinstance issubclass iter len license list locals map max memoryview min next object oct open ord pow
		print property quit range repr reversed round set setattr slice sorted staticmethod str sum super tuple type vars zip
		__import__ __builtins__ __debug__ NotImplemented Ellipsis
		unicode basestring xrange raw_input execfile reload file long unichr cmp apply reduce intern buffer
		ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError BrokenPipeError BufferError
		BytesWarning ChildProcessError ConnectionAbortedError ConnectionError ConnectionRefusedError ConnectionResetError
		DeprecationWarning EOFError EncodingWarning EnvironmentError Exception ExceptionGroup FileExistsError FileNotFoundError
		FloatingPointError FutureWarning GeneratorExit IOError ImportError ImportWarning IndentationError IndexError
		InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError ModuleNotFoundError NameError
		NotADirectoryError NotImplementedError OSError OverflowError PendingDeprecationWarning PermissionError ProcessLookupError
		RecursionError ReferenceError ResourceWarning RuntimeError RuntimeWarning StopAsyncIteration StopIteration SyntaxError
		SyntaxWarning SystemError SystemExit TabError TimeoutError TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError
		UnicodeError UnicodeTranslateError UnicodeWarning UserWarning ValueError Warning ZeroDivisionError`) {
		m[n] = []string{"builtins." + n}
	}
	return m
}()
