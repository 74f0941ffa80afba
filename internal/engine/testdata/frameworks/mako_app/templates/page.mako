## {# a comment of Mako's #}
<h1>${who}</h1>
% if who:
  <p>${who | n}</p> <!-- {# flow #} -->
  <p>${fixed | n}</p>
% endif
<p>${who | n, h}</p>
