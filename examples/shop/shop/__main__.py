import logging
import os

from . import create_app

if __name__ == "__main__":
    app = create_app()
    log = logging.FileHandler(os.path.join(app.config["DATA"], "shop.log"))
    logging.basicConfig(level=logging.INFO, handlers=[log, logging.StreamHandler()])
    app.run(host="0.0.0.0", port=8000, debug=True)
