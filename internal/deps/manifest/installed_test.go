package manifest

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
)

func TestInstalled(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	f := Installed(fstest.MapFS{
		"rose-1.2.3.dist-info/METADATA": file("Metadata-Version: 2.1\r\nName: Rose_Red\r\nVersion: 1.2.3\r\nRequires-Dist: thorn (>=1)\r\nRequires-Dist: dye ; extra == \"red\"\r\n" +
			"Requires-Dist: colorama ; sys_platform == \"win32\"\r\nRequires-Dist: !\r\n\r\nVersion: 9 of a good rose\n"),
		"rose-1.2.3.dist-info/RECORD":           file(""),
		"rose/__init__.py":                      file(""),
		"ivy-2.0+cpu.dist-info/METADATA":        file("Name: ivy\nVersion: 2.0+cpu\n"),
		"ivy-2.0+cpu.dist-info/direct_url.json": file(`{"url": "https://me:hidden@git.example/ivy.git", "vcs_info": {"vcs": "git", "commit_id": "feed"}}`),
		"reed.dist-info/METADATA":               file("Name: reed\nVersion: 0\n"),
		"reed.dist-info/direct_url.json":        file(`{"url": "file:///src/reed", "dir_info": {"editable": true}}`),
		"sage.dist-info/METADATA":               file("Name: sage\nVersion: 1.1\n"),
		"sage.dist-info/direct_url.json":        file(`{"url": "https://files.example/sage-1.1.tar.gz", "archive_info": {"hash": "sha256=aa"}}`),
		"moss.egg-info/PKG-INFO":                file("Name: moss\nVersion: 0.2\n"),
		"moss.egg-info/requires.txt":            file("damp\n\n[extra]\nwet\n"),
		"fern-0.1.egg-info":                     file("Name: fern\nVersion: 0.1\n"),
		"old-1-py3.11.egg/EGG-INFO/PKG-INFO":    file("Name: old\nVersion: 1\n"),
		"link.egg-link":                         file("/src/link\n.\n"),
		"empty.dist-info/METADATA":              file("\nName: late\n"),
		"none.dist-info/RECORD":                 file(""),
		"odd.dist-info/METADATA":                file("Name: odd\nVersion: newest\n"),
	})
	account(t, f)
	got := dump(f)
	if *update {
		if err := os.WriteFile(filepath.Join("testdata", "installed.golden"), []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	golden, err := os.ReadFile(filepath.Join("testdata", "installed.golden"))
	if err != nil {
		t.Fatal(err)
	}
	if got != string(golden) {
		t.Errorf("got\n%s\nwant\n%s", got, golden)
	}
}
